"""What people are told, by which way, and how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.kernel.errors import BadInput

MINUTES = 24 * 60


class Way(StrEnum):
    """How a person wants to be told."""

    APP = "app"
    DIGEST = "digest"
    BOTH = "both"
    NONE = "none"


class Topic(StrEnum):
    """What a person can be told about."""

    MENTION = "mention"
    FOLLOWED = "followed"
    ASSIGNED = "assigned"
    DECISION = "decision"
    JOB = "job"
    BACKUP = "backup"
    ALERT = "alert"


@dataclass(frozen=True)
class TopicFacts:
    """The French words of a topic, and how people are told unless they choose otherwise."""

    label: str
    way: Way


TOPICS: dict[Topic, TopicFacts] = {
    Topic.MENTION: TopicFacts("On me mentionne", Way.BOTH),
    Topic.ASSIGNED: TopicFacts("Une piste m’est confiée", Way.BOTH),
    Topic.FOLLOWED: TopicFacts("Ce que je suis a changé", Way.APP),
    Topic.DECISION: TopicFacts("Une décision m’attend", Way.BOTH),
    Topic.JOB: TopicFacts("Un travail a échoué", Way.APP),
    Topic.BACKUP: TopicFacts("Une sauvegarde a échoué", Way.BOTH),
    Topic.ALERT: TopicFacts("Alertes de l’IA", Way.APP),
}


@dataclass(frozen=True)
class Hours:
    """When a person is told: her digest and her quiet time, in minutes of the day in Switzerland."""

    digest_at: int = 7 * 60 + 30
    quiet_from: int = 19 * 60
    quiet_to: int = 7 * 60


@dataclass(frozen=True)
class Told:
    """Something to tell one person; the same `once` reaches her once, whatever happens. `message_id` is French."""

    user_id: UUID
    topic: Topic
    once: str
    message_id: str
    params: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    record_id: UUID | None = None
    address: str = ""
    amount: Decimal | None = None  # CHF at stake


def read_minute(typed: str) -> int:
    """Return a time of the day as minutes: `07:30` is 450.

    Raises:
        BadInput: it is no time.
    """
    hours, _, minutes = typed.strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal()) or int(hours) > 23 or int(minutes) > 59 or len(typed) > 8:
        raise BadInput("Une heure s’écrit 07:30.")
    return int(hours) * 60 + int(minutes)


def written_minute(minute: int) -> str:
    """Return minutes of the day as a time."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def check_hours(hours: Hours) -> None:
    """Refuse what is no time of the day.

    Raises:
        BadInput: one of them is not.
    """
    if not all(0 <= minute < MINUTES for minute in (hours.digest_at, hours.quiet_from, hours.quiet_to)):
        raise BadInput("Une heure s’écrit 07:30.")


@dataclass(frozen=True)
class Standing:
    """An alert of today that competes for a place in the app; one that was read keeps its place."""

    key: Any
    amount: Decimal | None
    is_read: bool = False


def most_valuable(alerts: Sequence[Standing], most: int) -> set[Any]:
    """Return which alerts of a day are shown: the read ones, then those with most CHF at stake, `most` in all."""
    kept = [one.key for one in alerts if one.is_read][:most]
    unread = [one for one in alerts if not one.is_read]
    by_value = sorted(unread, key=lambda one: one.amount or Decimal(0), reverse=True)
    return set(kept) | {one.key for one in by_value[: max(most - len(kept), 0)]}


def is_digest_due(at: datetime, *, hours: Hours, is_quiet: bool, local_minute: int) -> bool:
    """Test if a person's digest of the day may leave."""
    return not is_quiet and local_minute >= hours.digest_at
