"""Starting the notebooks' origin."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.notebooks.editors import free_ports
from app.notebooks.places import LEAD_SCORING, TEMPLATES, home_of, is_changed, restart_from_template
from db.kernel.record import uuid7


class TestMain:
    def test_says_in_a_sentence_that_the_port_is_taken(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            done = subprocess.run(
                [sys.executable, "-m", "app.notebooks"],
                env={**os.environ, "PORT": str(port - 1), "BOUSSOLE_DATA": str(tmp_path)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        assert done.returncode == 3
        assert done.stderr.startswith(f"Le port {port} (des notebooks) est déjà pris")
        assert "Traceback" not in done.stderr


class TestFreePorts:
    def test_are_different_and_free(self) -> None:
        ports = free_ports(9)

        assert len(set(ports)) == 9
        for port in ports:
            with socket.create_server(("127.0.0.1", port)):
                pass


class TestHomeOf:
    @pytest.fixture(autouse=True)
    def data(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))

    def test_starts_from_the_projects_notebook_and_keeps_changes(self) -> None:
        user_id = uuid7()
        own = home_of(user_id).work / LEAD_SCORING
        own.write_text("# mine\n")

        assert home_of(user_id).work / LEAD_SCORING == own
        assert own.read_text() == "# mine\n"

    def test_gives_each_analyst_a_folder_of_her_own(self) -> None:
        one, other = home_of(uuid7()), home_of(uuid7())

        assert one.root != other.root
        assert (one.root.stat().st_mode & 0o777, one.work.stat().st_mode & 0o777) == (0o700, 0o700)

    def test_restarts_from_the_template_and_keeps_what_was(self) -> None:
        user_id = uuid7()
        own = home_of(user_id).work / LEAD_SCORING
        own.write_text("# mine\n")

        kept = restart_from_template(user_id, LEAD_SCORING)

        assert kept.name == "lead_scoring.1.py"
        assert kept.read_text() == "# mine\n"
        assert own.read_bytes() == (TEMPLATES / LEAD_SCORING).read_bytes()

    def test_follows_no_link_that_a_notebook_made(self, tmp_path: Path) -> None:
        user_id = uuid7()
        work = home_of(user_id).work
        (tmp_path / "company.sqlite").write_text("company")
        for name in ("pyproject.toml", LEAD_SCORING):
            (work / name).unlink(missing_ok=True)
            (work / name).symlink_to(tmp_path / "company.sqlite")

        home_of(user_id)
        changed = is_changed(home_of(user_id), LEAD_SCORING)
        restart_from_template(user_id, LEAD_SCORING)

        assert changed
        assert (tmp_path / "company.sqlite").read_text() == "company"
        assert (work / LEAD_SCORING).read_bytes() == (TEMPLATES / LEAD_SCORING).read_bytes()
