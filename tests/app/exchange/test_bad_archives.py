"""Archives that are cut, altered, newer, swollen or forged are refused in words, and the company stays empty."""

import json
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text

from app.exchange.place import import_company
from app.exchange.write import export_company
from db.access.rules import Actor, Role
from db.kernel.errors import BusinessError
from db.migrations.run import config
from db.session import engine
from tests.app.exchange.company import another
from tests.app.imports.files import imported
from tests.app.imports.test_parties import COMPANIES

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def archive(
    database: Engine,
    people: dict[Role, Actor],
    clock: datetime,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: Any,
) -> Path:
    """A good archive; the installation is a new one, on the same kind of database."""
    command.stamp(config(database.url.render_as_string(hide_password=False)), "head")
    imported(COMPANIES, people[Role.SALES], kind="companies")
    export_company(tmp_path / "export.zip", at=clock)
    folder = tmp_path_factory.mktemp("elsewhere")
    another(folder, monkeypatch, lambda: request.getfixturevalue("postgres_server"), database.dialect.name)
    return tmp_path / "export.zip"


def rewritten(archive: Path, change: Change) -> Path:
    """Return the archive with its parts changed by hand."""
    with zipfile.ZipFile(archive) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    change(parts)
    target = archive.with_name("forged.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return target


def manifest_with(parts: dict[str, bytes], **facts: Any) -> None:
    parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), **facts}).encode()


def refused(archive: Path, words: str) -> None:
    with pytest.raises(BusinessError, match=words):
        import_company(archive)
    with engine().connect() as connection:
        for table in ("user_account", "party", "deed", "seal"):
            assert connection.execute(text(f"select count(*) from {table}")).scalar() == 0


def inside_a_part(archive: Path, share: float) -> int:
    """Return a place in the middle of what one of the parts holds, not among the archive's own dates and names."""
    with zipfile.ZipFile(archive) as opened:
        parts = [part for part in opened.infolist() if part.compress_size > 8]
    part = parts[int(len(parts) * share)]
    content = archive.read_bytes()
    name, extra = struct.unpack("<HH", content[part.header_offset + 26 : part.header_offset + 30])
    return int(part.header_offset + 30 + name + extra + part.compress_size // 2)


class TestRefuses:
    def test_a_file_that_is_none(self, archive: Path) -> None:
        archive.write_bytes(b"%PDF-1.7 rien")

        refused(archive, "n’est pas l’export d’une entreprise")

    def test_a_cut_one(self, archive: Path) -> None:
        content = archive.read_bytes()
        archive.write_bytes(content[: len(content) // 2])

        refused(archive, "n’est pas l’export d’une entreprise")

    @pytest.mark.parametrize("place", [0.1, 0.35, 0.6, 0.85])
    def test_an_altered_byte(self, archive: Path, place: float) -> None:
        content = bytearray(archive.read_bytes())
        content[inside_a_part(archive, place)] ^= 0xFF
        archive.write_bytes(bytes(content))

        with pytest.raises(BusinessError):
            import_company(archive)

    def test_a_row_that_was_changed(self, archive: Path) -> None:
        def change(parts: dict[str, bytes]) -> None:
            parts["tables/party.jsonl"] = parts["tables/party.jsonl"].replace(b"Garage", b"Garaxe")

        refused(rewritten(archive, change), "tables/party.jsonl a changé depuis l’export")

    def test_a_part_that_is_missing(self, archive: Path) -> None:
        refused(rewritten(archive, lambda parts: parts.pop("tables/party.jsonl") and None), "est incomplet")

    def test_a_newer_version(self, archive: Path) -> None:
        refused(rewritten(archive, lambda parts: manifest_with(parts, format=2)), "version plus récente")
        refused(rewritten(archive, lambda parts: manifest_with(parts, revision="20990101_1")), "version plus récente")

    def test_a_swollen_part(self, archive: Path) -> None:
        def swell(parts: dict[str, bytes]) -> None:
            parts["tables/party.jsonl"] = b"0" * 300_000_000
            members = json.loads(parts["manifest.json"])["members"]
            members["tables/party.jsonl"]["bytes"] = 300_000_000
            manifest_with(parts, members=members)

        refused(rewritten(archive, swell), "grossirait démesurément")

    def test_a_part_larger_than_it_says(self, archive: Path) -> None:
        def swell(parts: dict[str, bytes]) -> None:
            parts["tables/party.jsonl"] += b"0" * 10_000_000

        refused(rewritten(archive, swell), "a changé depuis l’export")

    @pytest.mark.parametrize(
        "name", ["../../evil.txt", "/etc/evil", "files/" + "a" * 64 + "/../../evil", "tables/../x.jsonl", "autre.txt"]
    )
    def test_a_name_that_leads_elsewhere(self, archive: Path, name: str) -> None:
        def climb(parts: dict[str, bytes]) -> None:
            members = json.loads(parts["manifest.json"])["members"]
            parts[name] = parts["LISEZMOI.txt"]
            members[name] = members["LISEZMOI.txt"]
            manifest_with(parts, members=members)

        refused(rewritten(archive, climb), "abîmé|contient des parties")

    def test_rows_that_contradict_each_other(self, archive: Path) -> None:
        def forge(parts: dict[str, bytes]) -> None:
            import hashlib

            rows = parts["tables/user_role.jsonl"].splitlines()
            parts["tables/user_role.jsonl"] = b"\n".join([*rows[:-1], rows[0]]) + b"\n"
            members = json.loads(parts["manifest.json"])["members"]
            content = parts["tables/user_role.jsonl"]
            members["tables/user_role.jsonl"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            manifest_with(parts, members=members)

        refused(rewritten(archive, forge), "se contredisent")
