"""Folding, fragments, and finding records under the policy."""

import doctest
from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.search import rules
from db.records.search.queries import found_records, matching_numbers
from db.records.search.rules import digits, escaped, fold, search_words, trigrams

People = dict[Role, Actor]


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Œuvre", "oeuvre"),
            ("L’Étoile d'Or", "l etoile d or"),
            ("STRASSE / Straße", "strasse / strasse"),
            ("  deux   mots ", "deux mots"),
            ("ﬁnance", "finance"),
            (None, ""),
        ],
    )
    def test_makes_texts_comparable(self, text: str | None, folded: str) -> None:
        assert fold(text) == folded

    def test_examples_of_its_docstring_hold(self) -> None:
        assert doctest.testmod(rules).failed == 0


class TestDigits:
    @pytest.mark.parametrize("phone", ["+41 79 123 45 67", "079 123 45 67", "0041791234567", "(079) 123.45.67"])
    def test_gives_one_form_to_a_swiss_number(self, phone: str) -> None:
        assert digits(phone) == "0791234567"

    def test_leaves_a_foreign_number_whole(self) -> None:
        assert digits("+33 1 23 45 67 89") == "33123456789"


class TestSearchWords:
    def test_takes_a_spaced_phone_number_as_one_fragment(self) -> None:
        assert search_words("Bornand 021 555 01 42") == ["bornand", "0215550142"]

    @pytest.mark.parametrize("word", ["q98062500d", "vis123456x", "a1234567b"])
    def test_leaves_the_figures_of_a_part_number_in_it(self, word: str) -> None:
        assert search_words(word) == [word]

    def test_escapes_what_like_would_take_for_a_pattern(self) -> None:
        assert escaped("50%_") == r"50\%\_"

    def test_cuts_words_into_trigrams(self) -> None:
        assert trigrams("ouest") == ["est", "oue", "ues"]


class TestFoundRecords:
    def test_finds_a_part_number_with_letters_around_its_figures(
        self, people: People, system: Actor, clock: datetime
    ) -> None:
        do(system, add_party, draft=PartyDraft(PartyKind.COMPANY, "Modèle X98062500D SA"), at=clock)

        assert [one.title for one in ask(people[Role.SALES], found_records, query="x98062500d")] == [
            "Modèle X98062500D SA"
        ]

    @pytest.mark.usefixtures("party")
    def test_finds_what_contains_every_fragment(self, people: People) -> None:
        seller = people[Role.SALES]

        assert [hit.title for hit in ask(seller, found_records, query="bornand nava", by=seller)] == ["Naval Bornand"]
        assert ask(seller, found_records, query="bornand zinc", by=seller) == []
        assert ask(seller, found_records, query='" OR 1', by=seller) == []

    @pytest.mark.usefixtures("party")
    def test_shows_nobody_what_she_may_not_know_of(self, people: People) -> None:
        narrow = Actor(people[Role.SALES].user_id, "Sales", frozenset({Role.SALES}), scopes=frozenset({"records.open"}))

        assert ask(narrow, found_records, query="bornand", by=narrow) == []

    @pytest.fixture
    def party(self, people: People, clock: datetime) -> None:
        """A company that can be found."""
        do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, "Naval Bornand"), at=clock)

    @pytest.mark.usefixtures("party")
    @pytest.mark.parametrize(
        ("typed", "is_found"),
        [("bo", True), ("b", True), ("naval bo", True), ("naval or", False), ("or", False), ("&", False)],
    )
    def test_finds_one_or_two_letters_where_a_word_begins_as_lists_do(
        self, people: People, database: Engine, typed: str, is_found: bool
    ) -> None:
        with Session(database) as session:
            listed = session.execute(matching_numbers(session, kind="party", query=typed)).all()

        assert bool(ask(people[Role.SALES], found_records, query=typed)) is is_found
        assert bool(listed) is is_found
