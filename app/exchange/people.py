"""Let the people of an imported company in again: their passwords and second factors were not in the archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.doors import ask, do
from db.access.people.passwords.actions import make_reset_link
from db.access.people.queries import Person, people
from db.access.people.second_factor.actions import reset_second_factor
from db.access.rules import Role, system_actor
from db.jobs.queries import JobStatus
from db.jobs.rules import JobState

KEPT_OPEN = timedelta(hours=24)  # how long who brought the company may let its administrators in


@dataclass(frozen=True)
class Way:
    """How one person comes in: a link for a new password, good once and for a day."""

    name: str
    email: str
    is_administrator: bool
    token: str


def forget_second_factors(via: str) -> None:
    """Take away second factors that nobody can use any more."""
    by = system_actor(via)
    for person in ask(by, people, with_closed=False):
        if person.has_second_factor:
            do(by, reset_second_factor, user_id=person.id)


def people_to_let_in(arrival: JobStatus | None, *, at: datetime) -> Sequence[Person]:
    """List the administrators whom the bringer of a company may let in: only while nobody has a password yet."""
    if arrival is None or arrival.state is not JobState.DONE or arrival.ended_at is None:
        return ()
    everybody = ask(system_actor("screen"), people, with_closed=False)
    if at > arrival.ended_at + KEPT_OPEN or any(person.has_password for person in everybody):
        return ()
    return [person for person in everybody if Role.ADMINISTRATOR in person.roles]


def let_in(via: str = "cli") -> list[Way]:
    """Take away second factors that nobody can use any more; return a link for each person, administrators first."""
    by = system_actor(via)
    forget_second_factors(via)
    ways = []
    for person in ask(by, people, with_closed=False):
        token = do(by, make_reset_link, user_id=person.id)
        ways.append(Way(person.name, person.email, Role.ADMINISTRATOR in person.roles, token))
    return sorted(ways, key=lambda way: (not way.is_administrator, way.name))
