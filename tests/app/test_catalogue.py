"""Every sentence has its English; no sentence on a screen escapes the catalogue."""

import ast
import json
import re
from pathlib import Path

import pytest

from app.text import CATALOGUE, catalogue
from tests.app.messages import ROOT, calls, literal, messages, name_of

SAME_EVERYWHERE = {"Boussole", "CHF", "CHE-123.456.788", "ABCD-EFGH", "Ctrl ↵", "Ctrl K", "Enter", "Esc"}
READ_PROPS = {"placeholder", "title", "aria_label", "alt"}
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
PLACE = re.compile(r"\{(\w+)[^}]*\}")


def files(language: str) -> list[Path]:
    """List the files of a catalogue."""
    return sorted((CATALOGUE / language).glob("*.json"))


class TestEnglish:
    def test_has_every_sentence(self) -> None:
        missing = {found.text: found.place for found in messages() if found.text not in catalogue("en")}

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
