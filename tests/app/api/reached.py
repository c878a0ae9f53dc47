"""Which actions and queries a function comes to, found in its code: names, closures, and the functions it calls."""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from db.access.gate import ACTIONS, QUERIES

OURS = ("app.", "workspace.", "tests.")


def doors_of(start: Callable[..., Any]) -> set[str]:
    """Return the names of the actions and queries that a function of the edge comes to."""
    names = {**{one: name for name, one in ACTIONS.items()}, **{one: name for name, one in QUERIES.items()}}
    found: set[str] = set()
    seen: set[int] = set()
    waiting: list[Any] = [start]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, FunctionType) and one in names:
            found.add(names[one])
        else:
            waiting.extend(_within(one))
    return found


def _within(one: Any) -> Iterator[Any]:
    if isinstance(one, functools.partial):
        yield one.func
        yield from one.keywords.values()
    elif isinstance(one, FunctionType):
        if str(one.__module__).startswith(OURS):
            yield from _named(one)
    elif dataclasses.is_dataclass(one) and not isinstance(one, type):
        yield from (getattr(one, field.name) for field in dataclasses.fields(one))
    elif isinstance(one, tuple | list):
        yield from one
    elif isinstance(one, dict):
        yield from one.values()


def _named(function: FunctionType) -> Iterator[Any]:
    if hasattr(function, "__wrapped__"):
        yield function.__wrapped__
    words = set(_words(function.__code__))
    globals_ = {word: function.__globals__[word] for word in words if word in function.__globals__}
    closed = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    for value in [*globals_.values(), *closed]:
        if isinstance(value, ModuleType):
            yield from (getattr(value, word) for word in words if hasattr(value, word))
        elif inspect.isfunction(value) or not inspect.isclass(value):
            yield value


def _words(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _words(inner)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
