"""Open and leave the demonstration company, which is a database of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from app.demo.places import STAFF
from app.demo.world import YEARS, address_name
from app.doors import do, now
from db.access.company.actions import found_company
from db.access.gate import gate
from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from db.jobs.actions import ask_for_job
from db.migrations.run import upgrade
from db.session import COMPANY, DEMO, data_folder, switch_company, transaction

SMALL = 700
SEED = 20261124
PAST = timedelta(days=365 * YEARS + 30)  # the firm and its people are there before the first lead


@dataclass(frozen=True)
class DemoStarted:
    """The job that fills the demonstration, and the person to begin as."""

    job_id: UUID
    first_person: UUID


def start_demo(*, size: int = SMALL, at: datetime | None = None) -> DemoStarted:
    """Make an empty demonstration database with its staff, open it, and ask for the job that fills it."""
    _remove_old()
    upgrade(DEMO)
    switch_company(DEMO)
    at = at or now()
    people = _hire(at - PAST)
    begin = people[STAFF[0][0]]
    manager = Actor(begin, STAFF[0][0], frozenset({Role.MANAGER}))
    job_id = do(manager, fill_demo, at=at, size=size, people={name: str(user) for name, user in people.items()})
    return DemoStarted(job_id, begin)


def leave_demo() -> None:
    """Close the demonstration and open the firm's own database, empty until it is set up."""
    upgrade(COMPANY)
    switch_company(COMPANY)


@gate("demo.open")
def fill_demo(session: Session, *, size: int, people: dict[str, str], by: Actor, at: datetime) -> UUID:
    """Ask for the job that generates three years of the invented firm; return its id."""
    arguments = {"size": size, "seed": SEED, "until": at.isoformat(), "people": people}
    return ask_for_job(session, kind="demo.generate", arguments=arguments, by=by, at=at, once="demo.generate")


def _hire(at: datetime) -> dict[str, UUID]:
    system = system_actor("job")
    hired: dict[str, UUID] = {}
    with transaction() as session:
        found_company(session, name="Ateliers du Léman SA", uid="CHE-999.999.996", by=system, at=at)
        for name, _, roles in STAFF:
            address = f"{address_name(name)}@ateliers-leman.example"
            hired[name] = add_user(
                session, name=name, email=address, roles=[Role(role) for role in roles], by=system, at=at
            )
    return hired


def _remove_old() -> None:
    for ending in ("", "-wal", "-shm"):
        (data_folder() / f"{DEMO}.sqlite{ending}").unlink(missing_ok=True)
