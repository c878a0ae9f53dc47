"""The salesperson who imports, in small portions."""

import pytest

from app.imports import steps
from db.access.rules import Actor, Role


@pytest.fixture
def sales(people: dict[Role, Actor]) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions of ten rows, so that small files have several."""
    monkeypatch.setattr(steps, "PORTION", 10)
