"""The five questions that every list answers, made from what the engine knows of its table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.records.listing.queries import counts_of, ids_of, page_of, rows_of
from db.records.listing.rules import ListCounts, ListPage, ListRequest
from db.records.listing.source import Source, theirs


@dataclass(frozen=True)
class Questions:
    """The queries of one list; all but `rows` take `request` and `by`.

    A page of rows; totals and chips of a view; the ids of a view; every row of a view, for its export; the rows of
    `ids` that still exist and that the actor (`by`) reaches, in their order.
    """

    page: Callable[..., Any]
    counts: Callable[..., Any]
    ids: Callable[..., list[UUID]]
    whole: Callable[..., Any]
    rows: Callable[..., list[Any]]
    source: Source | None = None  # absent where a list asks its own questions


def questions_of(source: Source, *, name: str, module: str, export: str) -> Questions:
    """Return the questions of a list, each with its permission: that of the source, or `export` for the whole view.

    They are registered as queries of `module` by the name of the list: `company_page`, `company_counts` and so on.
    """

    def page(session: Session, *, request: ListRequest, by: Actor) -> ListPage:
        return page_of(session, source, request=request, by=by)

    def counts(session: Session, *, request: ListRequest, by: Actor) -> ListCounts:
        return counts_of(session, source, request=request, by=by)

    def ids(session: Session, *, request: ListRequest, by: Actor) -> list[UUID]:
        return ids_of(session, source, request=request, by=by)

    def whole(session: Session, *, request: ListRequest, by: Actor) -> Iterator[Any]:
        return rows_of(session, source, request=request, by=by)

    def rows(session: Session, *, ids: Sequence[UUID], by: Actor) -> list[Any]:
        conditions = [*source.always, *theirs(source.owner, by, source.permission)]
        known = set(session.scalars(select(col(source.table.id)).where(col(source.table.id).in_(ids), *conditions)))
        return source.load(session, [one for one in ids if one in known], by)

    made: dict[str, Any] = {}
    for question in (page, counts, ids, whole, rows):
        verb = question.__name__
        question.__name__, question.__module__ = f"{name}_{verb}", module
        made[verb] = readable(export if verb == "whole" else source.permission)(question)
    return Questions(**made, source=source)
