"""What a message says: the event, and the record as the person of the webhook may read it at that moment."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.api.leads import readable_lead
from app.api.opportunities import readable_opportunity
from app.doors import ask
from db.access.rules import Actor
from db.jobs.queries import Event
from db.jobs.webhooks.rules import EVENTS, PING
from db.kernel.errors import BusinessError
from db.records.search.queries import titles_of

# kind of record → how the API answers it
RECORDS: dict[str, Callable[[Actor, UUID], Any]] = {"lead": readable_lead, "opportunity": readable_opportunity}


def message_of(event: Event, by: Actor) -> str | None:
    """Return a message about an event as its receiver may know it; None when she may not."""
    kind = EVENTS.get(event.kind, "")
    data: dict[str, Any] = {"kind": kind, "id": str(event.subject), "facts": event.facts}
    if kind:
        try:
            assert event.subject is not None, "these events are about a record"
            data["record"] = RECORDS[kind](by, event.subject).model_dump(mode="json")
        except BusinessError:
            return None
    elif str(by.user_id) not in event.facts.get("user_ids", []) or not _reaches(by, event):
        return None  # told to somebody else, or about a record that she does not reach
    return written(event.kind, event.at, data)


def _reaches(by: Actor, event: Event) -> bool:
    kind = event.facts.get("record_kind")
    return not kind or event.subject is None or bool(ask(by, titles_of, places=[(kind, event.subject)]))


def trial(at: datetime) -> str:
    """Return the message that only tries if everything arrives."""
    return written(PING, at, {})


def written(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    """Return a message as Standard Webhooks recommend it: type, timestamp, data."""
    content = {"type": kind, "timestamp": at.isoformat(), "data": data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
