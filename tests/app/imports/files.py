"""Files that are imported in tests, and what became of them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.doors import ask
from app.imports import steps
from app.imports.kinds import kind_named
from app.imports.mapping import given_plan, plan_from
from db.access.rules import Actor
from db.crm.leads.tables import Lead
from db.documents.imports import queries
from db.documents.imports.queries import ImportStatus
from db.parties.tables import Party
from db.session import reading

FILE = """N°;Société;E-mail;Montant;Machines;Résultat
1;Boulangerie Rochat;anne@ex.ch;1'200.00;3;oui
2;Menuiserie Favre;luc@ex.ch;3'400.50;4;non
3;Garage du Lac;ida@ex.ch;900.00;12;
"""


@dataclass
class Stopper:
    """Follows an import and asks it to stop, or breaks it, after some rows."""

    after: int
    error: Exception
    seen: list[int] = field(default_factory=list)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Stop when the time has come."""
        self.seen.append(done)
        if done >= self.after:
            raise self.error


class Killed(RuntimeError):
    """The worker dies."""


def opened(
    text: str, by: Actor, given: dict[str, Any] | None = None, name: str = "pistes.csv", kind: str = "leads"
) -> UUID:
    """Take a file in, look at it and choose the plan."""
    import_id = steps.take_in(text.encode(), name, kind=kind, options={}, with_job=False, by=by)
    steps.look(import_id, by=by)
    proposed = plan_from(status_of(import_id, by).plan)
    steps.choose(import_id, given_plan(proposed, given or {}, kind=kind_named(kind)), by=by)
    return import_id


def imported(text: str, by: Actor, given: dict[str, Any] | None = None, *, kind: str = "leads") -> ImportStatus:
    """Import a file whole."""
    import_id = opened(text, by, given, kind=kind)
    steps.begin(import_id, with_job=False, by=by)
    return steps.write(import_id, by=by)


def status_of(import_id: UUID, by: Actor) -> ImportStatus:
    return ask(by, queries.import_status, import_id=import_id, by=by)


def leads() -> list[Lead]:
    with reading() as session:
        return list(session.exec(select(Lead).order_by(col(Lead.received_at), col(Lead.name))))


def many(count: int, *, first: int = 1) -> str:
    return "N°;Société;Résultat\n" + "".join(
        f"{n};Firme {n};{'oui' if n % 3 else 'non'}\n" for n in range(first, first + count)
    )


def reasons(import_id: UUID, by: Actor, *, is_dry: bool = False) -> list[tuple[int, str, str]]:
    found = ask(by, queries.problems, import_id=import_id, is_dry=is_dry, by=by)
    return [(problem.line, problem.column, problem.reason) for problem in found]


def left(import_id: UUID, by: Actor) -> list[tuple[str, str, str]]:
    """Return what undoing an import left: the record's name, the field, and why."""
    found = ask(by, queries.undo_left, import_id=import_id, by=by)
    return [(one.name, one.column, one.message_id.format(**one.params)) for one in found]


def parties() -> list[Party]:
    with reading() as session:
        return list(session.exec(select(Party).order_by(col(Party.kind), col(Party.name))))


def counts(status: ImportStatus) -> tuple[int, int, int, int]:
    return status.created, status.updated, status.unchanged, status.refused
