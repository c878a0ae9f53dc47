"""From `make run` to Ctrl-C: what is built, what is refused, what is stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from app import build, serve
from app.build import ensure_built, inline_script_hashes, source_hash
from app.cli.main import main
from app.trouble import BadSetting, DatabaseNewer, DiskFull, PortTaken
from db.session import engine
from tests.serving import ROOT, Server, free_port, serving

SECURITY_HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("data")) as running:
        yield running


def descendants(pid: int) -> set[int]:
    """Return the ids of all processes that a process started, at any depth."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rsplit(") ", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == parent and fields[0] != "Z":
                found.add(int(path.parent.name))
                waiting.append(int(path.parent.name))
    return found


def is_running(pid: int) -> bool:
    """Test if a process exists and is more than the remains of one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


def still_alive(pids: set[int], seconds: float = 15.0) -> set[int]:
    """Return those that still run after waiting for them to end."""
    last_moment = time.monotonic() + seconds
    while time.monotonic() < last_moment and any(is_running(pid) for pid in pids):
        time.sleep(0.1)
    return {pid for pid in pids if is_running(pid)}


class TestEnsureBuilt:
    def test_does_not_build_again_what_is_unchanged(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first = ensure_built()
        monkeypatch.setattr(build, "current_build", lambda: first)  # whoever edits a source meanwhile
        monkeypatch.setattr(build, "_export", lambda: pytest.fail("built again"))

        assert ensure_built() == first

    def test_notices_a_changed_source(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("app", "assets", "db"):
            (tmp_path / name).mkdir()
        for name in build.SINGLE_SOURCES:
            (tmp_path / name).write_text("")
        page = tmp_path / "app" / "page.py"
        page.write_text("before")
        monkeypatch.setattr(build, "ROOT", tmp_path)
        before = source_hash()
        assert source_hash() == before

        page.write_text("after")

        assert source_hash() != before

    def test_bakes_no_address_into_the_bundle(self) -> None:
        [file] = (ensure_built() / "build" / "client" / "assets").glob("reflex-env-*.js")

        assert "localhost" not in file.read_text()


class TestInlineScriptHashes:
    def test_hashes_scripts_that_stand_in_the_page_and_no_others(self, tmp_path: Path) -> None:
        page = '<script>alert(1)</script><script src="/a.js"></script><script type="module">x</script>'
        (tmp_path / "index.html").write_text(page)

        hashes = inline_script_hashes(tmp_path)

        assert len(hashes) == 2
        assert "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=" in hashes


class TestServe:
    def test_is_healthy_once_started(self, installation: Server) -> None:
        answer = httpx.get(f"{installation.url}/_health")

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert httpx.get(f"{installation.url}/ping").json() == "pong"

    def test_says_what_is_wrong_when_the_worker_is_gone(self, tmp_path: Path) -> None:
        with serving(tmp_path, BOUSSOLE_LONGEST_SILENCE="1") as running:
            [worker] = [pid for pid in descendants(running.process.pid) if "app.worker" in command_line(pid)]
            os.kill(worker, signal.SIGSTOP)
            answer = _eventually(f"{running.url}/_health", 503)

        assert answer.json()["reasons"] == ["Le processus de travail ne répond pas."]

    def test_replaces_a_worker_that_was_killed(self, installation: Server) -> None:
        [worker] = [pid for pid in descendants(installation.process.pid) if "app.worker" in command_line(pid)]

        os.kill(worker, signal.SIGKILL)

        assert still_alive({worker}) == set()
        last_moment = time.monotonic() + 10
        while not any("app.worker" in command_line(pid) for pid in descendants(installation.process.pid)):
            assert time.monotonic() < last_moment
            time.sleep(0.1)

    def test_stops_every_process_it_started(self, tmp_path: Path) -> None:
        with serving(tmp_path) as running:
            started = descendants(running.process.pid)
            running.process.send_signal(signal.SIGINT)
            running.process.wait(timeout=20)

        assert len(started) >= 3
        assert still_alive(started) == set()
        assert running.process.returncode == 0

    def test_leaves_no_orphan_when_it_is_killed(self, tmp_path: Path) -> None:
        with serving(tmp_path) as running:
            started = descendants(running.process.pid)
            running.process.kill()
            running.process.wait()

        assert len(started) >= 3
        assert still_alive(started) == set()


def command_line(pid: int) -> str:
    """Return the command of a process; empty once it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _eventually(url: str, status: int) -> httpx.Response:
    last_moment = time.monotonic() + 15
    while time.monotonic() < last_moment:
        answer = httpx.get(url)
        if answer.status_code == status:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"never answered {status}")


class TestGate:
    @pytest.mark.parametrize("path", ["/", "/ping", "/_health", "/nulle-part", "/boussole.css", "/_upload"])
    def test_adds_the_security_headers_to_every_answer(self, installation: Server, path: str) -> None:
        answer = httpx.get(installation.url + path)

        assert [name for name in SECURITY_HEADERS if name not in answer.headers] == []

    def test_permits_no_eval_and_no_foreign_script(self, installation: Server) -> None:
        policy = httpx.get(installation.url).headers["content-security-policy"]
        scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))

        assert all(source == "'self'" or source.startswith("'sha256-") for source in scripts.split()[1:])
        assert "'sha256-" in scripts

    def test_does_not_share_with_foreign_origins(self, installation: Server) -> None:
        answer = httpx.get(f"{installation.url}/ping", headers={"Origin": "http://evil.example"})

        assert "access-control-allow-origin" not in answer.headers

    def test_refuses_an_address_that_is_not_ours(self, installation: Server) -> None:
        answer = httpx.get(installation.url, headers={"Host": "evil.example"})

        assert answer.status_code == 421

    @pytest.mark.parametrize("origin", ["http://evil.example", "null"])
    def test_refuses_a_post_from_a_foreign_page(self, installation: Server, origin: str) -> None:
        answer = httpx.post(f"{installation.url}/ping", headers={"Origin": origin})

        assert answer.status_code == 403

    def test_refuses_a_post_with_our_cookie_and_no_origin(self, installation: Server) -> None:
        answer = httpx.post(f"{installation.url}/ping", headers={"Cookie": "boussole_session=x"})

        assert answer.status_code == 403

    def test_refuses_a_visitor_s_upload_before_reading_it(self, installation: Server) -> None:
        host, port = installation.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            head = f"POST /_upload HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 1000000\r\n\r\n"
            connection.sendall(head.encode())
            answer = connection.recv(1000)

        assert b" 401 " in answer.split(b"\r\n")[0]


class TestSaysInOneSentence:
    def test_that_the_port_is_taken(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        port = free_port()
        monkeypatch.setenv("PORT", str(port))
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            code = main(["serve"])

        assert code == 3
        assert f"Le port {port} (de Boussole) est déjà pris" in capsys.readouterr().err

    @pytest.mark.parametrize("given", ["abc", "0", "65535", "-1"])
    def test_that_the_port_is_none(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, given: str
    ) -> None:
        monkeypatch.setenv("PORT", given)

        assert main(["serve"]) == 3
        assert f"PORT={given} n'est pas un port" in capsys.readouterr().err

    @pytest.mark.parametrize("given", ["0", "two", "99"])
    def test_how_many_web_processes_are_possible(self, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
        monkeypatch.setenv("BOUSSOLE_WEB_PROCESSES", given)

        with pytest.raises(BadSetting, match=f"BOUSSOLE_WEB_PROCESSES={given}"):
            serve.web_processes()

    def test_that_several_web_processes_need_redis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BOUSSOLE_WEB_PROCESSES", "2")
        monkeypatch.delenv("REFLEX_REDIS_URL", raising=False)

        with pytest.raises(BadSetting, match="demandent Redis"):
            serve.web_processes()

    def test_that_the_next_port_is_taken(self) -> None:
        port = free_port()
        with socket.socket() as other:
            other.bind(("127.0.0.1", port + 1))
            other.listen()
            with pytest.raises(PortTaken, match=f"Le port {port + 1} .des notebooks. est déjà pris"):
                serve.check_ports(port)

    def test_that_the_disk_is_full(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 1024**2))

        with pytest.raises(DiskFull, match="il reste 5 Mo"):
            serve.check_room(tmp_path)

    def test_that_the_database_is_newer(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        with engine().begin() as connection:
            connection.exec_driver_sql("create table alembic_version (version_num varchar(32) not null)")
            connection.exec_driver_sql("insert into alembic_version values ('20991231_1')")

        with pytest.raises(DatabaseNewer, match="version plus récente de Boussole"):
            serve.migrate()

    def test_that_the_network_is_missing_for_the_front_end(self) -> None:
        with pytest.raises(build.NoNetwork, match=r"^Pas de réseau"):
            build._explain("error: DNSResolveFailed downloading tarball vite@8.3.4")

    def test_that_the_environment_cannot_be_installed_without_network(self, tmp_path: Path) -> None:
        code, said = installing(tmp_path, "run([sys.executable, '-c', 'print(\"NewConnectionError\"); exit(1)'])")

        assert (code, said.splitlines()[-1][:16]) == (3, "Pas de réseau : ")

    def test_that_python_is_too_old(self, tmp_path: Path) -> None:
        code, said = installing(
            tmp_path, "sys.version_info = (3, 9, 2); shutil.which = lambda name: None; use_a_recent_python()"
        )

        assert code == 3
        assert "cette machine a Python 3.9" in said

    def test_which_package_holds_the_missing_venv(self, tmp_path: Path) -> None:
        code, said = installing(
            tmp_path,
            f"PYTHON = {str(tmp_path / 'none')!r}; importlib.util.find_spec = lambda name: None; make_venv()",
        )

        assert code == 3
        assert "python3-venv" in said


def installing(folder: Path, steps: str) -> tuple[int, str]:
    """Run steps of the installer in a process of its own; return its exit code and what it said."""
    script = folder / "try.py"
    script.write_text(f"{(ROOT / 'app' / 'install.py').read_text().split('if __name__')[0]}\n{steps}\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr
