"""Every sentence has its English; no sentence on a screen escapes the catalogue."""

import ast
import json
import re
from pathlib import Path

import pytest

from app.text import CATALOGUE, catalogue, typeset
from tests.app.messages import ROOT, calls, literal, messages, name_of

SAME_EVERYWHERE = {"Boussole", "CHF", "CHE-123.456.788", "ABCD-EFGH", "Ctrl ↵", "Ctrl K", "Enter", "Esc"}
READ_PROPS = {"placeholder", "title", "aria_label", "alt"}
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
CARELESS = re.compile(r"[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]|\.\.\.|[^\s\u00a0?!(/][?!»](?=\s|$)|«[^\s\u00a0]")
PLACE = re.compile(r"\{(\w+)[^}]*\}")


def files(language: str) -> list[Path]:
    """List the files of a catalogue."""
    return sorted((CATALOGUE / language).glob("*.json"))


class TestTranslations:
    @pytest.mark.parametrize("language", ["en", "de"])
    def test_have_every_sentence(self, language: str) -> None:
        missing = {found.text: found.place for found in messages() if found.text not in catalogue(language)}

        assert missing == {}

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_fills_the_same_places(self, language: str) -> None:
        wrong = {
            french: said
            for french, said in catalogue(language).items()
            if set(PLACE.findall(french)) != set(PLACE.findall(said))
        }

        assert wrong == {}

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_says_one_thing_in_one_way(self, language: str) -> None:
        seen: dict[str, tuple[str, str]] = {}
        for file in files(language):
            for french, said in json.loads(file.read_text(encoding="utf-8")).items():
                first = seen.setdefault(french, (said, file.name))
                assert first[0] == said, f"« {french} » : {first[1]} and {file.name} differ"


class TestGerman:
    def test_has_every_sentence_that_english_has(self) -> None:
        """Also those that no test finds in the source: words in tables, sentences kept in the database."""
        assert sorted(set(catalogue("en")) - set(catalogue("de"))) == []

    def test_is_spelt_as_in_switzerland(self) -> None:
        foreign = {french: said for french, said in catalogue("de").items() if set("ß„“‚‘") & set(said)}

        assert foreign == {}


class TestFrench:
    def test_is_typeset(self) -> None:
        """Curly apostrophes, three dots in one sign, a space before double signs (unbreakable once shown)."""
        wrong = {found.text: found.place for found in messages() if CARELESS.search(found.text)}

        assert wrong == {}

    def test_never_breaks_before_a_double_sign(self) -> None:
        assert typeset("Créée ici : « oui » ; 20 %") == "Créée ici\u00a0: «\u00a0oui\u00a0»\u00a0; 20\u00a0%"


class TestScreens:
    def test_say_nothing_outside_the_catalogue(self) -> None:
        outside = []
        for path, call in calls():
            if path.is_relative_to(ROOT / "app") and name_of(call.func).startswith("rx.el."):
                outside += [f"{path.relative_to(ROOT)}:{call.lineno} {text}" for text in shown_literals(call)]

        assert outside == []


def shown_literals(call: ast.Call) -> list[str]:
    """Return the words that an element shows as they stand in the source."""
    shown = [text for argument in call.args for text in literal(argument)]
    shown += [text for keyword in call.keywords if keyword.arg in READ_PROPS for text in literal(keyword.value)]
    if name_of(call.func).rsplit(".", 1)[-1] in {"kbd", "script"}:
        return []
    return [text for text in shown if WORD.search(text) and text not in SAME_EVERYWHERE]
