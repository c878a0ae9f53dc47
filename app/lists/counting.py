"""Counts of a view, computed once for all who look at the same within two seconds.

Chips and totals of many people at one list ask the same question again and again. A new deed of anybody has them
counted anew; scores, which are no deeds, follow within the two seconds.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from app.doors import ask
from db.access.deeds.queries import newest_deed
from db.access.rules import Actor
from db.session import database_url

Counts = TypeVar("Counts")

KEPT_SECONDS = 2.0
MOST_KEPT = 200
NOT_COUNTED = {"sort", "cursor", "back", "columns", "widths", "view", "size"}

_kept: dict[Hashable, tuple[float, object]] = {}
_locks: dict[Hashable, threading.Lock] = {}
_guard = threading.Lock()


def counted_once(kind: str, actor: Actor, address: str, count: Callable[[], Counts]) -> Counts:
    """Return what `count` returns for a view, or what it returned a moment ago for somebody who sees as much."""
    key = _key(kind, actor, address)
    with _guard:
        lock = _locks.setdefault(key, threading.Lock())
    with lock:
        found = _kept.get(key)
        if found is None or time.monotonic() - found[0] > KEPT_SECONDS:
            found = (time.monotonic(), count())
            _keep(key, found)
    return found[1]  # type: ignore[return-value]


def forget_counts() -> None:
    """Have everything counted anew: the database is another one under the same address."""
    with _guard:
        _kept.clear()
        _locks.clear()


def _keep(key: Hashable, found: tuple[float, object]) -> None:
    with _guard:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
            _locks.clear()
        _kept[key] = found


def _key(kind: str, actor: Actor, address: str) -> Hashable:
    filters = urlencode(sorted(pair for pair in parse_qsl(address.lstrip("?")) if pair[0] not in NOT_COUNTED))
    sees = (actor.roles, actor.granted, actor.hidden, frozenset(actor.owners.items()), actor.scopes)
    return database_url(), ask(actor, newest_deed), kind, filters, sees
