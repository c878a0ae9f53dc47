"""One way of reading leads, as one person."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import lose_lead, reopen_lead
from db.documents.attachments.actions import attach_file
from db.kernel.errors import NotAllowed, NotFound
from db.records.followers.actions import follow_record
from db.records.notes.actions import write_note
from db.records.notifications.actions import tell
from db.records.notifications.rules import Told, Topic

Ids = dict[str, UUID]


class Reader:
    """One way of reading leads as one person: what it answers, and which of the leads that shows."""

    def __init__(self, by: Actor, ids: Ids, clock: datetime, client: TestClient, party: UUID) -> None:
        self.by, self.ids, self.clock, self.client, self.party = by, ids, clock, client, party

    def of_each(self, query: Callable[..., Any], /, **arguments: Any) -> dict[str, Any]:
        """Ask about each lead by its guessed id; what is refused is absent."""
        found = {}
        for name, lead_id in self.ids.items():
            try:
                found[name] = ask(self.by, query, **{**arguments, **self._about(query, lead_id)})
            except (NotFound, NotAllowed):
                continue
        return found

    def _about(self, query: Callable[..., Any], lead_id: UUID) -> dict[str, Any]:
        if "record_id" in query.__code__.co_varnames:
            return {"kind": "lead", "record_id": lead_id}
        return {"lead_id": lead_id}

    def asked(self, query: Callable[..., Any], /, **arguments: Any) -> Any:
        """Ask, an empty answer when refused."""
        try:
            return ask(self.by, query, **arguments)
        except NotAllowed:
            return []

    def got(self, address: str) -> Any:
        """Read from the API; None when refused."""
        answer = self.client.get(f"/api/v1{address}")
        assert answer.status_code in (200, 403, 404), answer.text
        return answer.json() if answer.status_code == 200 else None

    def names_in(self, told: object) -> set[str]:
        """Return the leads that an answer names, by name or by id."""
        text = repr(told)
        return {name for name, one in self.ids.items() if str(one) in text or one.hex in text}


def work_on(lead_id: UUID, name: str, people: dict[Role, Actor], system: Actor, at: datetime) -> None:
    """Let everybody leave something on a lead: a note, a file, a follower, a lost and found again, a message."""
    seller, manager = people[Role.SALES], people[Role.MANAGER]
    assert seller.user_id is not None
    do(manager, write_note, kind="lead", record_id=lead_id, text=f"note-{name}", at=at)
    do(manager, attach_file, kind="lead", record_id=lead_id, name=f"plan-{name}.txt", content=name.encode(), at=at)
    do(seller, follow_record, kind="lead", record_id=lead_id, at=at)
    do(manager, lose_lead, lead_id=lead_id, reason="Motifsecret", at=at)
    do(manager, reopen_lead, lead_id=lead_id, at=at)
    say = {"message_id": "À appeler : {title}", "params": {"title": f"Quai Ouest {name}"}, "amount": Decimal(777331)}
    told = Told(seller.user_id, Topic.ALERT, f"call-{lead_id}", kind="lead", record_id=lead_id, **say)
    do(system, tell, told=[told], at=at)
