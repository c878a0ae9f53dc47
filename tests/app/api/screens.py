"""What the screens come to: their handlers with the methods of their states, and what is downloaded."""

from types import FunctionType
from typing import Any

import reflex as rx

from app.lists.register import LISTS, list_called
from app.records.forms import FORMS
from tests.app.api.reached import doors_of


def doors_of_screens() -> set[str]:
    """Return the names of the actions and queries that some screen comes to."""
    starts: list[Any] = [list_called(key) for key in LISTS] + list(FORMS.values())
    for state in _states(rx.State):
        for one in vars(state).values():
            function = getattr(one, "fn", one)
            if isinstance(function, FunctionType):
                starts.append(function)
    return {name for start in starts for name in doors_of(start)}


def _states(kind: type[Any]) -> list[type[Any]]:
    found = [kind] if kind.__module__.startswith("app.") else []
    for one in kind.__subclasses__():
        found += _states(one)
    return found
