"""Let the people of an imported company in again: their passwords and second factors were not in the archive."""

from dataclasses import dataclass

from app.doors import ask, do
from db.access.people.passwords.actions import make_reset_link
from db.access.people.queries import people
from db.access.people.second_factor.actions import reset_second_factor
from db.access.rules import Role, system_actor


@dataclass(frozen=True)
class Way:
    """How one person comes in: a link for a new password, good once and for a day."""

    name: str
    email: str
    is_administrator: bool
    token: str


def let_in(via: str = "cli") -> list[Way]:
    """Take away second factors that nobody can use any more; return a link for each person, administrators first."""
    by = system_actor(via)
    ways = []
    for person in ask(by, people, with_closed=False):
        if person.has_second_factor:
            do(by, reset_second_factor, user_id=person.id)
        token = do(by, make_reset_link, user_id=person.id)
        ways.append(Way(person.name, person.email, Role.ADMINISTRATOR in person.roles, token))
    return sorted(ways, key=lambda way: (not way.is_administrator, way.name))
