"""Any list over the API by its key: its columns and verbs, and a verb on a whole view."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.lists.changes import Chosen, preview_bulk, run_bulk
from app.lists.reading import surroundings
from app.lists.register import LISTS, list_called
from app.text import say
from db.access.rules import Actor, may

router = APIRouter(prefix="/lists", tags=["Listes"])
Opener = Annotated[Actor, Depends(allowed("records.open"))]
Changer = Annotated[Actor, Depends(allowed("records.save_view"))]


class ListFacts(BaseModel):
    """One list: its columns (key → label), what can be done with many of its records, its filters."""

    key: str
    title: str
    columns: dict[str, str]
    verbs: dict[str, str]
    filters: list[str]


class Bulk(BaseModel):
    """A verb for these records, or without ids for all of the view at an address (`q=…&state=new`)."""

    model_config = ConfigDict(extra="forbid")
    verb: str = Field(max_length=40)
    value: str = Field(default="", max_length=500)
    ids: list[UUID] = Field(default=[], max_length=5000)
    view: str = Field(default="", max_length=2000)


class Preview(BaseModel):
    """How many would change; of the first `tried`, how many fit, and why others would be refused."""

    count: int
    tried: int
    fit: int
    refused: list[tuple[str, int]]


class Done(BaseModel):
    """What was done: a deed to undo, or a job that does it in the background."""

    deed_id: UUID | None = None
    done: int = 0
    refused: int = 0
    job_id: UUID | None = None


@router.get("")
def lists(by: Opener) -> list[ListFacts]:
    """Lister les listes que la personne peut lire, avec leurs colonnes et leurs verbes."""
    return [_facts(key, by) for key in LISTS if may(by, list_called(key).read)]


@router.post("/{key}/bulk/preview")
def preview(by: Changer, key: str, given: Bulk) -> Preview:
    """Dire ce qu'un verbe ferait à ces fiches, sans rien garder."""
    found: dict[str, Any] = preview_bulk(list_called(key), by, given.verb, given.value, _chosen(given))
    return Preview(**{name: found[name] for name in Preview.model_fields})


@router.post("/{key}/bulk")
def bulk(by: Changer, key: str, given: Bulk) -> Done:
    """Appliquer un verbe à ces fiches : d'un coup, ou en travail au-delà de 500."""
    done = run_bulk(list_called(key), by, given.verb, given.value, _chosen(given))
    if isinstance(done, UUID):
        return Done(job_id=done)
    return Done(deed_id=done.deed_id, done=len(done.done), refused=len(done.refused))


def _chosen(given: Bulk) -> Chosen:
    return Chosen(tuple(given.ids), given.view)


def _facts(key: str, by: Actor) -> ListFacts:
    kind = list_called(key)
    columns = kind.columns_seen(surroundings(kind, by))
    return ListFacts(
        key=key,
        title=say(by.language, kind.title),
        columns={one.key: say(by.language, one.label) for one in columns},
        verbs={verb.key: say(by.language, verb.label) for verb in kind.verbs},
        filters=[facet.name for facet in kind.facets_seen(by)] + [end.name for end in kind.ranges],
    )
