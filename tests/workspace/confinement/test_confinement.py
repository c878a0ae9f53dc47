"""Hostile code in a confined process gets nothing: no company data, no other analyst's, no secret, no way out."""

import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from workspace.confinement import policy as policies
from workspace.confinement.policy import (
    ARITHMETIC,
    WORKSPACE,
    Measures,
    command,
    environment,
    link_code,
    measures,
    policy_for,
)

HOSTILE = Path(__file__).with_name("hostile.py")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What hostile code reports after it tried everything, confined as an analyst's editor is."""
    data = tmp_path_factory.mktemp("data")
    config = _installation(data)
    shared = Path("/dev/shm") / config["shared"]
    with socket.create_server(("127.0.0.1", 0)) as api, socket.create_server(("127.0.0.1", 0)) as foreign:
        config |= {"api_port": api.getsockname()[1], "foreign_port": foreign.getsockname()[1]}
        (data / "me/work/config.json").write_text(json.dumps(config))
        shared.write_text("secret")
        try:
            yield _run_confined(data, config["api_port"])
        finally:
            shared.unlink()


def _installation(data: Path) -> dict[str, Any]:
    """Make a company database, another analyst, a key, and the folders of the analyst."""
    for folder in ("me/work", "me/snapshot", "other/work"):
        (data / folder).mkdir(parents=True)
    with closing(sqlite3.connect(data / "company.sqlite")) as company:
        company.execute("create table secrets (word text)")
        company.commit()
    for file in ("other/work/notes.txt", "key", "me/snapshot/snapshot.sqlite"):
        (data / file).write_text("secret")
    shutil.copy(HOSTILE, data / "me/work/hostile.py")
    return {
        "database": str(data / "company.sqlite"),
        "other": str(data / "other/work/notes.txt"),
        "key": str(data / "key"),
        "outside": str(data / "outside.txt"),
        "snapshot": str(data / "me/snapshot/snapshot.sqlite"),
        "work": str(data / "me/work"),
        "workspace": str(WORKSPACE),
        "source": str(WORKSPACE.parent / "db" / "session.py"),
        "shared": f"boussole-{secrets.token_hex(8)}",
    }


def _run_confined(data: Path, api_port: int) -> dict[str, Any]:
    work = data / "me/work"
    code = link_code(data / "me/code")
    file = policy_for(read=[data / "me/snapshot", code], write=[work], connect=[api_port]).save(data / "me/policy.json")
    done = subprocess.run(
        [*command(file), "script", str(work / "hostile.py"), str(work / "config.json")],
        cwd=work,
        env=environment(home=work, code=code, extra={}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def needs(held: bool, what: str) -> None:
    """Fail, rather than pass for nothing, where the kernel lacks a measure and nobody said that this is known."""
    if not held and not os.environ.get("BOUSSOLE_TEST_UNCONFINED"):
        pytest.fail(f"this kernel has no {what}; set BOUSSOLE_TEST_UNCONFINED=1 where this is known")


class TestConfine:
    def test_refuses_every_attempt(self, outcome: dict[str, Any]) -> None:
        needs(measures().is_complete and measures().own_memory, "complete confinement")

        succeeded = {name: given for name, given in outcome["attempts"].items() if given.startswith("got")}

        assert succeeded == {}
        assert len(outcome["attempts"]) == 33

    def test_leaves_what_the_work_needs(self, outcome: dict[str, Any]) -> None:
        assert all(given.startswith("got") for given in outcome["permitted"].values()), outcome["permitted"]

    def test_gives_no_inherited_environment(self, outcome: dict[str, Any]) -> None:
        allowed = {
            "PATH",
            "HOME",
            "TMPDIR",
            "LANG",
            "TZ",
            "PYTHONPATH",
            "PYTHONDONTWRITEBYTECODE",
            "LOKY_MAX_CPU_COUNT",
        }
        named_by_python = {"LC_CTYPE"}

        neutral = ("XDG_", *ARITHMETIC)
        extra = {name for name in outcome["environment"] if not name.startswith(neutral)} - allowed - named_by_python

        assert extra == set()

    def test_keeps_the_business_out_of_reach_of_imports(self, outcome: dict[str, Any]) -> None:
        assert outcome["import of the product"] in ("ModuleNotFoundError", "PermissionError")


class TestEnvironment:
    def test_lets_nothing_in_but_how_libraries_compute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
        monkeypatch.setenv("BOUSSOLE_DATABASE_URL", "postgresql://somebody:secret@db")

        made = environment(home=tmp_path, code=tmp_path, extra={})

        assert made["OPENBLAS_CORETYPE"] == "Haswell"
        assert "secret" not in "".join(made.values())


class TestMeasures:
    def test_tell_what_holds_on_this_machine(self) -> None:
        held = measures()

        needs(held.landlock > 0, "Landlock")
        assert held.landlock >= 1
        assert held.network == (held.landlock >= 4)

    def test_say_so_without_landlock(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = policies.policy_for(read=[], write=[]).save(tmp_path / "policy.json")
        plain.write_text(json.dumps({**json.loads(plain.read_text()), "without_landlock": True}))

        report = subprocess.run([*command(plain), "--report"], capture_output=True, text=True, timeout=60, check=True)

        found = Measures(**json.loads(report.stdout))
        assert (found.landlock, found.network, found.is_complete) == (0, False, False)
