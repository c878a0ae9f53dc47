"""Notifications over the API: what I was told, what I read, how and when I want to be told."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.doors import ask, do, now
from app.notifications.wording import message_line
from db.access.rules import Actor
from db.records.notifications import actions, queries
from db.records.notifications.rules import Hours, Topic, Way, read_minute, written_minute

router = APIRouter(prefix="/notifications", tags=["Messages"])
Reader = Annotated[Actor, Depends(allowed("records.read_messages"))]
Hour = Annotated[str, Field(max_length=8, description="HH:MM, heure suisse")]


class Notification(BaseModel):
    """One thing that I was told."""

    id: UUID
    topic: Topic
    at: datetime
    message: str
    kind: str
    record_id: UUID | None
    amount: Decimal | None
    is_read: bool


class Notifications(BaseModel):
    """The newest, and how many are unread."""

    messages: list[Notification]
    unread: int


class Times(BaseModel):
    """When the digest leaves, and between which hours nothing is told."""

    model_config = ConfigDict(extra="forbid")
    digest_at: Hour
    quiet_from: Hour
    quiet_to: Hour


class Read(BaseModel):
    """Whether a message counts as read."""

    model_config = ConfigDict(extra="forbid")
    is_read: bool = True


@router.get("")
def messages(by: Reader, size: Annotated[int, Query(ge=1, le=200)] = 100) -> Notifications:
    """Lister ses messages, le plus récent d'abord."""
    found = ask(by, queries.messages, most=size)
    return Notifications(
        messages=[_notification(one, by.language) for one in found], unread=ask(by, queries.count_unread, at=now())
    )


@router.put("/{message_id}/read", status_code=204)
def mark(by: Reader, message_id: UUID, given: Read) -> None:
    """Marquer un message comme lu, ou non lu."""
    do(by, actions.mark_read, message_id=message_id, is_read=given.is_read)


@router.post("/read", status_code=204)
def mark_all(by: Reader) -> None:
    """Marquer tous ses messages comme lus."""
    do(by, actions.mark_all_read)


@router.get("/choices")
def choices(by: Reader) -> dict[Topic, Way]:
    """Dire par quelle voie on m'avertit de chaque sujet."""
    return ask(by, queries.choices)


@router.put("/choices")
def choose(by: Reader, given: dict[Topic, Way]) -> dict[Topic, Way]:
    """Choisir la voie de certains sujets."""
    do(by, actions.choose_ways, ways=given)
    return ask(by, queries.choices)


@router.get("/hours")
def hours(by: Reader) -> Times:
    """Dire à quelles heures on m'avertit."""
    return _times(ask(by, queries.hours))


@router.put("/hours")
def choose_hours(by: Reader, given: Times) -> Times:
    """Choisir l'heure du résumé et le temps de silence."""
    read = {name: read_minute(value) for name, value in given.model_dump().items()}
    do(by, actions.choose_hours, hours=Hours(**read))
    return given


def _times(found: Hours) -> Times:
    return Times(**{name: written_minute(getattr(found, name)) for name in Times.model_fields})


def _notification(one: queries.MessageFacts, language: str) -> Notification:
    same = {name: getattr(one, name) for name in Notification.model_fields if hasattr(one, name)}
    return Notification(message=message_line(one, language), **same)
