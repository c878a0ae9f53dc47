"""Digests of days: what was cut off or rewritten afterwards is found, by the product and without it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.cli.main import main
from app.digests import export_chain, write_digest
from app.doors import ask, do
from app.sealing import seal_everything
from db.access.digests.queries import against
from db.access.people.actions import add_user
from db.access.rules import Actor, Role
from tests.db.access.test_seals import by_hand

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_digest.py"


@pytest.fixture
def kept(database: Engine, system, clock) -> Path:
    """The digest of a day on which three people came."""
    seal_everything(system)  # what stands for earlier releases' rows comes first
    for name in ("lea", "noe", "ines"):
        do(system, add_user, at=clock, name=name.title(), email=f"{name}@example.ch", roles=[Role.SALES])
    return write_digest(system, clock)


def with_script(*files: Path) -> tuple[int, str]:
    """Run the script of the fiduciary."""
    done = subprocess.run([sys.executable, "-I", str(SCRIPT), *map(str, files)], capture_output=True, text=True)
    return done.returncode, done.stdout


def cut(database: Engine) -> None:
    """Take the newest deed away with everything that it did: the chain that is left is whole."""
    by_hand(
        database,
        "delete from user_role where user_id in (select id from user_account where email = 'ines@example.ch')",
        "delete from user_account where email = 'ines@example.ch'",
        "delete from change_value where change_id in (select change.id from change join seal on"
        " seal.deed_id = change.deed_id where number = 4)",
        "delete from change where deed_id in (select deed_id from seal where number = 4)",
        "create table gone as select deed_id from seal where number = 4",
        "delete from seal where number = 4",
        "delete from deed where id in (select deed_id from gone)",
    )


class TestDigest:
    def test_agrees_with_what_it_was_made_of_and_with_what_came_after(self, kept, database, system, clock, tmp_path):
        content = json.loads(kept.read_text())
        assert kept.name == "2026-11-24.json"
        assert (content["number"], content["counts"]["user_account"]) == (4, 3)
        assert ask(system, against, kept=content) == []

        do(system, add_user, at=clock, name="Zoé", email="zoe@example.ch", roles=[Role.SALES])
        chain = tmp_path / "chain.jsonl"
        assert export_chain(system, chain) == 5
        assert ask(system, against, kept=content) == []
        assert with_script(chain, kept)[0] == 0
        assert write_digest(system, clock) == kept
        assert json.loads(kept.read_text()) == content

    def test_finds_a_cut_end(self, kept, database, system, tmp_path, capsys):
        cut(database)

        assert main(["verify", "--json"]) == 0  # what is left is a whole chain
        assert main(["verify", "--digest", str(kept)]) == 1
        assert "jusqu’au sceau 4, la base jusqu’au sceau 3" in capsys.readouterr().out
        chain = tmp_path / "chain.jsonl"
        export_chain(system, chain)
        code, told = with_script(chain, kept)
        assert (code, "s'arrête au sceau 3" in told) == (1, True)

    def test_finds_an_altered_deed(self, kept, database, system, tmp_path):
        chain = tmp_path / "chain.jsonl"
        export_chain(system, chain)
        chain.write_text(chain.read_text().replace("access.people.add_user", "access.people.add_us3r", 1))
        code, told = with_script(chain, kept)
        assert (code, "L'acte du sceau 2 a été altéré" in told) == (1, True)

    def test_finds_another_link(self, kept, database, system):
        content = {**json.loads(kept.read_text()), "link": "0" * 64}
        [problem] = ask(system, against, kept=content)
        assert "réécrite" in problem.what

    def test_finds_a_record_gone_while_nothing_was_done(self, kept, database, system):
        by_hand(database, "delete from user_role")
        assert [one.table for one in ask(system, against, kept=json.loads(kept.read_text()))] == ["user_role"]

    def test_refuses_what_is_no_digest(self, database, tmp_path, system: Actor, kept):
        other = tmp_path / "other.json"
        other.write_text("[]")
        assert main(["verify", "--digest", str(other)]) == 2
