"""Every word that a list's description holds has its English."""

from datetime import UTC, datetime

import pytest

from app.lists.kind import Around, ListKind
from app.lists.register import LISTS, list_called
from app.lists.view import ROLE_LABELS
from app.text import catalogue
from db.access.rules import Actor, Role
from tests.app.messages import messages

SAME = {"CHF", ""}


def words_of(kind: ListKind) -> set[str]:
    """Return every French sentence that describes a list."""
    by = Actor(None, "x", frozenset(Role))
    around = Around(by=by, at=datetime(2026, 11, 24, tzinfo=UTC))
    found = {kind.title, *kind.words, *kind.nothing[:3], kind.none_fits, *ROLE_LABELS.values()}
    found |= {column.label for column in kind.columns(around)} | {facet.label for facet in kind.facets}
    found |= {text for end in kind.ranges for text in (end.label, end.chip)}
    found |= {label for label, _, _ in kind.extra}
    found |= {quick.label for quick in kind.quick} | {name for name, _ in kind.tabs(by)}
    return found | {text for verb in kind.verbs for text in (verb.label, verb.asks, verb.done)}


class TestWords:
    @pytest.mark.parametrize("key", LISTS)
    def test_are_in_the_catalogue(self, key: str) -> None:
        missing = words_of(list_called(key)) - (set(catalogue("en")) & set(catalogue("de"))) - SAME

        assert missing == set()

    def test_of_the_parts_are_too(self) -> None:
        missing = {found.text for found in messages() if found.place.startswith("app/lists")} - set(catalogue("en"))

        assert missing == set()
