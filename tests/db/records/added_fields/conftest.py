"""Each kind of record of a customer, with one added field of each type, and who sees them."""

from datetime import datetime
from uuid import UUID

import pytest

from db.access.rules import Actor, Role
from tests.db.records.added_fields.added import FIELDS, PLACES, People, Place, added


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest) -> Place:
    """Each kind of record of a customer."""
    return PLACES[request.param]


@pytest.fixture
def claire(people: People) -> Actor:
    """The manager."""
    return people[Role.MANAGER]


@pytest.fixture
def nadia(people: People) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


@pytest.fixture
def fields(place: Place, claire: Actor, clock: datetime) -> dict[str, UUID]:
    """One field of each type, by key."""
    return {key: added(claire, place, key, clock) for key in FIELDS}
