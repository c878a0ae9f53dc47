"""`boussole import`, as scripts call it."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from app.cli import import_file
from app.cli.main import main
from db.access.rules import Actor, Role
from db.crm.leads.tables import Lead
from db.session import reading

FILE = "N°;Société;E-mail;Résultat\n1;Boulangerie;a@ex.ch;oui\n2;Garage;b@ex.ch;non\n"


@pytest.fixture(autouse=True)
def _migrated(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables are there already; migrations have their own tests."""
    monkeypatch.setattr(import_file, "upgrade", lambda: "head")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the file."""
    (tmp_path / "pistes.csv").write_text(FILE, encoding="cp1252")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def count() -> int:
    with reading() as session:
        return session.exec(select(func.count()).select_from(Lead)).one()


class TestImport:
    def test_tells_what_became_of_every_row(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code = main(["import", "leads", str(folder / "pistes.csv"), "--key", "N°", "--json"])

        answer = told(capsys)
        assert code == 0
        assert (answer["rows_in"], answer["created"], answer["updated"], answer["refused"]) == (2, 2, 0, 0)
        assert answer["columns"]["Résultat"] == {"target": "outcome"}
        assert count() == 2

    def test_updates_what_is_known(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        command = ["import", "leads", str(folder / "pistes.csv"), "--key", "E-mail", "--json"]
        main(command)
        capsys.readouterr()

        main(command)

        assert (told(capsys)["updated"], count()) == (2, 2)

    def test_only_checks_with_dry_run(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "pistes.csv").write_text(FILE + "3;Faux;pas-une-adresse;oui\n", encoding="utf-8")

        code = main(["import", "leads", str(folder / "pistes.csv"), "--dry-run", "--json"])

        answer = told(capsys)
        assert (code, answer["created"], answer["refused"], count()) == (1, 2, 1, 0)
        assert answer["problems"][0]["line"] == 4

    def test_obeys_a_mapping(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        mapping = {"columns": {"Société": "person_name", "N°": {"target": "custom", "key": "dossier", "type": "text"}}}
        (folder / "m.json").write_text(json.dumps(mapping), encoding="utf-8")

        main(["import", "leads", str(folder / "pistes.csv"), "--mapping", str(folder / "m.json"), "--json"])

        with reading() as session:
            lead = session.exec(select(Lead).where(Lead.person_name == "Garage")).one()
        assert (lead.company_name, lead.custom) == ("", {"dossier": "2"})

    def test_acts_for_a_person(
        self, folder: Path, capsys: pytest.CaptureFixture[str], people: dict[Role, Actor]
    ) -> None:
        assert main(["import", "leads", str(folder / "pistes.csv"), "--as", "sales@example.ch", "--json"]) == 0
        assert main(["import", "leads", str(folder / "pistes.csv"), "--as", "hr@example.ch", "--json"]) == 1

    @pytest.mark.parametrize(
        ("content", "more", "words"),
        [
            (b"", [], "vide"),
            (b"%PDF-1.4", [], "un PDF"),
            (FILE.encode(), ["--key", "Rien"], "pas de colonne"),
            (FILE.encode(), ["--mapping", "absent.json"], "ne peut pas être lu"),
        ],
    )
    def test_says_what_it_cannot_read(
        self, content: bytes, more: list[str], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "pistes.csv").write_bytes(content)

        code = main(["import", "leads", str(folder / "pistes.csv"), *more, "--json"])

        assert code == 2
        assert words in told(capsys)["message"]
        assert count() == 0
