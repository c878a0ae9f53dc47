"""Any list over the API: one page and its counts, made from the same source as the screen's list."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.doors import ask, do
from app.text import say
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.records.custom_fields.rules import PREFIX
from db.records.listing.changes import Change
from db.records.listing.rules import LARGEST_PAGE, ListCounts, ListPage, ListRequest, read_request
from db.records.listing.source import Source

Row = TypeVar("Row")
COMMON = {"q", "sort", "cursor", "size"}
MOST_CHANGES = 200
ADDED = "champs ajoutés par l'entreprise, par leur clé : montants et nombres en texte, jours ISO"
ADDED_FILTERS = "Champs ajoutés : `custom.<clé>=is|from|to|contains:valeur`, et `sort=custom.<clé>`."


class Page(BaseModel, Generic[Row]):
    """One page; `next` is the `cursor` of the page that follows, absent on the last."""

    rows: list[Row]
    next: str | None


class Counts(BaseModel):
    """Totals of a view; `is_capped`: more were found than `total`, values of facets were not counted."""

    total: int
    is_capped: bool
    amount: str | None
    facets: Mapping[str, Mapping[str, int]]


class OneChange(BaseModel):
    """What is to happen to one record; without a version, whatever it is now."""

    model_config = ConfigDict(extra="forbid")
    record_id: UUID
    values: dict[str, Any] = {}
    verb: str = Field(default="edit", max_length=40)
    expected_version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class Refusal(BaseModel):
    """A record that stayed as it was, and why."""

    record_id: UUID
    message: str


class Outcome(BaseModel):
    """What one deed did; `deed_id` undoes it."""

    deed_id: UUID
    done: list[UUID]
    refused: list[Refusal]


def add_list(
    router: APIRouter,
    *,
    source: Source,
    row: type[Any],
    page: Callable[..., ListPage],
    counts: Callable[..., ListCounts],
    words: str,
) -> None:
    """Give a router the page and the counts of a list."""
    reader = Depends(allowed(source.permission))
    filters = {"parameters": [*_filters(source)]}

    def list_page(
        by: Annotated[Actor, reader],
        request: Request,
        q: Annotated[str, Query(max_length=200, description="recherche")] = "",
        sort: Annotated[str, Query(description=_sorts(source))] = source.usual_sort,
        cursor: Annotated[str, Query(description="« next » de la page d'avant")] = "",
        size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
    ) -> Any:
        found = ask(by, page, request=_asked(request, source), by=by)
        return {"rows": found.rows, "next": found.last if found.has_more else None}

    def list_counts(
        by: Annotated[Actor, reader], request: Request, q: Annotated[str, Query(max_length=200)] = ""
    ) -> Counts:
        found = ask(by, counts, request=_asked(request, source), by=by)
        amount = None if found.amount is None else str(found.amount)
        return Counts(total=found.total, is_capped=found.is_capped, amount=amount, facets=found.chips)

    also = f" {ADDED_FILTERS}" if source.added is not None else ""
    list_page.__doc__ = f"Lire une page : {words}.{also}"
    list_counts.__doc__ = f"Compter, en tout et par valeur de filtre : {words}.{also}"
    router.add_api_route("", list_page, response_model=Page[row], openapi_extra=filters, name=f"list {words}")  # type: ignore[valid-type]
    router.add_api_route("/counts", list_counts, openapi_extra=filters, name=f"count {words}")


def add_changes(router: APIRouter, *, permission: str, action: Callable[..., Any], words: str) -> None:
    """Give a router the deed that changes many records at once."""

    def change_many(by: Annotated[Actor, Depends(allowed(permission))], given: list[OneChange]) -> Outcome:
        if not 1 <= len(given) <= MOST_CHANGES:
            raise BadInput("Donnez de 1 à {most} changements.", most=MOST_CHANGES)
        changes = [Change(one.record_id, one.values, one.verb, one.expected_version) for one in given]
        done = do(by, action, changes=changes)
        refused = [
            Refusal(record_id=one.record_id, message=say(by.language, one.message_id, **one.params))
            for one in done.refused
        ]
        return Outcome(deed_id=done.deed_id, done=list(done.done), refused=refused)

    change_many.__doc__ = f"Modifier plusieurs fiches d'un coup ({words}) : chacune entière ou pas du tout."
    router.add_api_route("/changes", change_many, methods=["POST"], name=f"change {words}")


def _asked(request: Request, source: Source) -> ListRequest:
    unknown = set(request.query_params) - COMMON - set(source.facets) - set(source.ranges)
    if source.added is not None:
        unknown = {name for name in unknown if not name.startswith(PREFIX)}
    if unknown:
        raise BadInput("Filtre inconnu : {names}.", names=", ".join(sorted(unknown))[:200])
    return read_request(request.url.query, source.shape)


def _filters(source: Source) -> list[dict[str, Any]]:
    """Describe the filters of a list."""
    texts = {"type": "array", "items": {"type": "string"}}
    repeatable = [
        {"name": name, "in": "query", "required": False, "schema": texts, "description": "filtre, répétable"}
        for name in source.facets
    ]
    return repeatable + [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": "borne"}
        for name in source.ranges
    ]


def _sorts(source: Source) -> str:
    return f"{', '.join(source.sorts)} ; précédé de - pour l'ordre décroissant"
