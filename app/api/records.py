"""What every record has, over the API: its story, notes, followers; and the search over all kinds."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.instants import check_aware
from app.api.permission import allowed
from app.doors import ask, do
from app.text import say
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.records.followers.actions import follow_record, unfollow_record
from db.records.followers.queries import followers_of
from db.records.kinds.rules import kind_called, readable_kinds
from db.records.notes.actions import LONGEST, write_note
from db.records.past.queries import record_as_of
from db.records.search.queries import Found, found_records
from db.records.timeline.queries import ChangeLine, TimelineLine, story
from db.records.timeline.rules import CHANGE, SORTS, Cursor, StoryPart
from db.records.undo.actions import remove_record

router = APIRouter(tags=["Fiches"])
Opener = Annotated[Actor, Depends(allowed("records.open"))]
Reader = Annotated[Actor, Depends(allowed("records.read"))]
Remover = Annotated[Actor, Depends(allowed("records.undo"))]
Writer = Annotated[Actor, Depends(allowed("records.write_note"))]


class Kind(BaseModel):
    """A kind of record that the token's person may read."""

    kind: str
    label: str


class FieldChange(BaseModel):
    """What became of one field."""

    field: str
    before: Any
    after: Any


class StoryLine(BaseModel):
    """One line of a story, newest first; `sort` is the icon's name, `change` for changed fields."""

    at: datetime
    sort: str
    by: str
    message: str
    text: str
    kind: str | None
    record_id: UUID | None
    changes: list[FieldChange]
    deed_id: UUID | None = Field(default=None, description="l'acte, à annuler par `POST /deeds/{deed_id}/undo`")


class StoryPage(BaseModel):
    """A page of a story; `next` is the `cursor` of the page that follows."""

    lines: list[StoryLine]
    next: str | None


class NewNote(BaseModel):
    """A note; `@Prénom Nom` tells a colleague."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=LONGEST)


class Written(BaseModel):
    """What was written."""

    id: UUID


@router.get("/search")
def search(
    by: Reader,
    q: Annotated[str, Query(max_length=200, description="fragments, dans n'importe quel ordre")],
    size: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[Found]:
    """Chercher des fiches de tout genre par fragments de leur texte."""
    return ask(by, found_records, query=q, by=by, limit=size)


@router.get("/records")
def kinds(by: Opener) -> list[Kind]:
    """Lister les genres de fiches que la personne peut lire."""
    return [Kind(kind=one.kind, label=say(by.language, one.label)) for one in readable_kinds(by)]


@router.get("/records/{kind}/{record_id}/timeline")
def timeline(
    by: Opener,
    kind: str,
    record_id: UUID,
    sort: Annotated[str, Query(description=f"{', '.join(SORTS)} ou {CHANGE}")] = "",
    cursor: str = "",
    size: Annotated[int, Query(ge=1, le=100)] = 30,
) -> StoryPage:
    """Lire le fil d'une fiche, le plus récent d'abord."""
    if sort and sort not in (*SORTS, CHANGE):
        raise BadInput("« {sort} » n’est pas une sorte de ligne.", sort=sort[:60])
    found = ask(by, story, kind=kind, record_id=record_id, part=StoryPart(sort, _read_cursor(cursor), size), by=by)
    following = f"{found.next[0].isoformat()}~{found.next[1]}" if found.next else None
    return StoryPage(lines=[_line(line, by.language) for line in found.lines], next=following)


@router.post("/records/{kind}/{record_id}/notes", status_code=201)
def note(by: Writer, kind: str, record_id: UUID, given: NewNote) -> Written:
    """Écrire une note sur une fiche."""
    return Written(id=do(by, write_note, kind=kind, record_id=record_id, text=given.text))


class Past(BaseModel):
    """A record as it was; `incomplete`: some of what it held was erased since."""

    exists: bool
    incomplete: bool
    values: dict[str, Any]


@router.get("/records/{kind}/{record_id}/as-of")
def as_of(
    by: Opener, kind: str, record_id: UUID, at: Annotated[datetime, Query(description="2026-03-31T23:59:59Z")]
) -> Past:
    """Lire une fiche telle qu'elle était à un instant."""
    check_aware(at=at)
    found = ask(by, record_as_of, kind=kind, record_id=record_id, at=at)
    return Past(exists=found.exists, incomplete=found.incomplete, values=found.values)


@router.delete("/records/{kind}/{record_id}", status_code=204)
def remove(by: Remover, kind: str, record_id: UUID) -> None:
    """Supprimer une fiche à laquelle rien ne tient ; s'annule comme tout acte."""
    do(by, remove_record, table=kind_called(kind).table, record_id=record_id)


@router.get("/records/{kind}/{record_id}/followers")
def followers(by: Opener, kind: str, record_id: UUID) -> list[UUID]:
    """Lister qui suit une fiche."""
    return ask(by, followers_of, kind=kind, record_id=record_id, by=by)


@router.put("/records/{kind}/{record_id}/followers/me", status_code=204)
def follow(by: Opener, kind: str, record_id: UUID) -> None:
    """Suivre une fiche."""
    do(by, follow_record, kind=kind, record_id=record_id)


@router.delete("/records/{kind}/{record_id}/followers/me", status_code=204)
def unfollow(by: Opener, kind: str, record_id: UUID) -> None:
    """Ne plus suivre une fiche."""
    do(by, unfollow_record, kind=kind, record_id=record_id)


def _read_cursor(text: str) -> Cursor | None:
    if not text:
        return None
    at, _, line_id = text.partition("~")
    try:
        found = datetime.fromisoformat(at.replace(" ", "+")), UUID(line_id)
    except ValueError:
        raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.") from None
    if found[0].tzinfo is None:
        raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.")
    return found


def _line(line: TimelineLine | ChangeLine, language: str) -> StoryLine:
    if isinstance(line, ChangeLine):
        changes = [FieldChange(field=name, before=before, after=after) for name, before, after in line.fields]
        return StoryLine(
            at=line.at,
            sort=CHANGE,
            by=line.by_name,
            message="",
            text="",
            kind=None,
            record_id=None,
            changes=changes,
            deed_id=line.deed_id,
        )
    said = say(language, line.message_id, **line.params)
    return StoryLine(
        at=line.at,
        sort=line.icon,
        by=line.by_name,
        message=said,
        text=line.text,
        kind=line.kind or None,
        record_id=line.record_id,
        changes=[],
    )
