"""An exported company put into an empty installation by a browser on the first page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.access import setup_link
from app.access.incoming import CLAIM_COOKIE, status_for
from app.access.routes import application
from app.backup.present import is_untouched
from app.doors import do, now
from app.exchange import place
from app.exchange.arrival import ArrivingJob, arrival_under_way, folder_of
from app.exchange.people import people_to_let_in
from app.exchange.read import unpack
from app.exchange.write import export_company
from app.sealing import seal_everything
from app.worker import run_next_job
from db.access.rules import Actor, Role, system_actor
from db.jobs.actions import take_job
from db.jobs.arrivals.actions import stop_company_import
from db.jobs.rules import JobState
from db.migrations.run import config, upgrade
from db.session import COMPANY, data_folder, engine, transaction
from tests.app.access.test_routes import ORIGIN, _sentence
from tests.app.exchange.company import another, everything, files, fill_company
from tests.app.test_killed_jobs import let_the_lease_end, survived

PAGE = "/auth/import-company"


@pytest.fixture
def archive(
    database: Engine,
    people: dict[Role, Actor],
    system: Actor,
    clock: datetime,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: Any,
) -> Path:
    """The archive of a company in which people have worked; the open installation is another, empty one."""
    command.stamp(config(database.url.render_as_string(hide_password=False)), "head")
    fill_company(people, system, clock)
    export_company(tmp_path / "export.zip", at=clock)
    request.node.before = everything(), files(Path(str(tmp_path)))
    folder = tmp_path_factory.mktemp("elsewhere")
    another(folder, monkeypatch, lambda: request.getfixturevalue("postgres_server"), database.dialect.name)
    upgrade(COMPANY)  # a served installation has its tables, and has sealed what it kept
    seal_everything(system)
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("BOUSSOLE_ORIGINS", raising=False)
    return tmp_path / "export.zip"


def browser(peer: str = "127.0.0.1") -> TestClient:
    client = TestClient(application, base_url=ORIGIN, client=(peer, 50000), follow_redirects=False)
    client.headers.update({"origin": ORIGIN, "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    return client


def sent(archive: Path, client: TestClient, address: str = PAGE) -> Any:
    return client.post(address, files={"archive": ("export.zip", archive.read_bytes(), "application/zip")})


def is_empty() -> bool:
    with engine().connect() as connection:
        return is_untouched(connection)


def brought(archive: Path) -> tuple[TestClient, Any]:
    """Bring the archive, let the worker put it in place; return the browser and how the job ended."""
    client = browser()
    answer = sent(archive, client)
    assert answer.headers["location"] == "/bienvenue/import"
    assert run_next_job()
    return client, status_for(claim(client))


def claim(client: TestClient) -> str:
    """Return the browser's cookies."""
    return f"{CLAIM_COOKIE}={client.cookies[CLAIM_COOKIE]}"


def waiting_archives(folder: Path) -> list[Path]:
    return list((folder / "arrivals").glob("*"))


class TestTheFirstPage:
    def test_has_the_same_company_taken_in(self, archive: Path, request: Any) -> None:
        _, status = brought(archive)

        before, after = request.node.before[0], everything()
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert (status.state, status.error) == (JobState.DONE, None)
        assert changed <= {"deed", "change", "change_value", "seal", "user_account", "totp_offer"}  # the way in
        assert len(after["party"]) > 2
        assert files(data_folder()) == request.node.before[1]
        assert waiting_archives(data_folder()) == []

    def test_is_not_kept_away_by_a_stranger_who_tried_to_sign_in(self, archive: Path) -> None:
        browser().post("/auth/sign-in", data={"email": "x@example.ch", "password": "rien de juste"})

        assert is_empty()
        assert brought(archive)[1].state is JobState.DONE

    def test_tells_the_way_while_it_waits(self, archive: Path) -> None:
        client = browser()

        sent(archive, client)

        waiting = status_for(claim(client))
        assert waiting is not None
        assert waiting.state is JobState.WAITING
        assert is_empty()
        assert status_for(f"{CLAIM_COOKIE}=autre") is None

    def test_lets_an_administrator_choose_a_password(self, archive: Path) -> None:
        client, status = brought(archive)
        [person] = people_to_let_in(status, at=now())

        led = client.post("/auth/import-person", data={"person": str(person.id)}).headers["location"]
        token = led.partition("jeton=")[2]
        chosen = client.post("/auth/new-password", data={"jeton": token, "password": "quatre mots bien choisis"})

        assert led.startswith("/mot-de-passe?jeton=")
        assert chosen.headers["location"].startswith("/connexion")
        again = client.post("/auth/import-person", data={"person": str(person.id)})
        assert "n’est plus ouvert" in _sentence(again)

    def test_lets_nobody_in_who_did_not_bring_it(self, archive: Path) -> None:
        _, status = brought(archive)
        [person] = people_to_let_in(status, at=now())

        assert "n’est plus ouvert" in _sentence(browser().post("/auth/import-person", data={"person": str(person.id)}))
        assert people_to_let_in(status, at=now() + timedelta(days=2)) == ()

    def test_happens_once(self, archive: Path) -> None:
        sent(archive, browser())
        while_waiting = _sentence(sent(archive, browser()))
        founding = browser().post("/auth/setup", data={"company": "Autre SA"})
        run_next_job()

        assert "import est en cours" in while_waiting
        assert "import est en cours" in _sentence(founding)
        assert "existe déjà" in _sentence(sent(archive, browser()))

    def test_stops_and_stays_empty(self, archive: Path) -> None:
        client = browser()
        sent(archive, client)
        waiting = status_for(claim(client))
        assert waiting is not None

        do(system_actor(), stop_company_import, job_id=waiting.id)

        stopped = status_for(claim(client))
        assert stopped is not None
        assert stopped.state is JobState.CANCELLED
        assert is_empty()
        _, again = brought(archive)
        assert again.state is JobState.DONE
        assert waiting_archives(data_folder()) == []

    def test_stops_in_the_middle_and_stays_empty(self, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def read(source: Path, folder: Path, told: Callable[[float], None]) -> Any:
            waiting = arrival_under_way()
            assert waiting is not None
            do(system_actor(), stop_company_import, job_id=waiting.id)
            return unpack(source, folder, told)

        monkeypatch.setattr("app.exchange.place.unpack", read)
        monkeypatch.setattr("app.worker.JobRun._last", 0.0, raising=False)
        _, status = brought(archive)

        assert status.state is JobState.CANCELLED
        assert is_empty()
        assert waiting_archives(data_folder()) == []

    @pytest.mark.parametrize("commits", [(1, 3), (2, 5), (4, 6)])
    def test_survives_a_killed_worker(self, archive: Path, commits: tuple[int, ...], request: Any) -> None:
        client = browser()
        sent(archive, client)
        waiting = status_for(claim(client))
        assert waiting is not None

        survived(waiting.id, system_actor(), *commits)

        assert len(everything()["party"]) == len(request.node.before[0]["party"])
        assert files(data_folder()) == request.node.before[1]
        assert waiting_archives(data_folder()) == []

    def test_goes_on_where_the_company_is_in_place(self, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        client = browser()
        sent(archive, client)
        waiting = status_for(claim(client))
        assert waiting is not None
        with transaction() as session:
            job = take_job(session, at=now())
            assert job is not None
        place.import_company(
            folder_of(str(waiting.arguments["folder"])) / "export.zip", carried=ArrivingJob(waiting.id)
        )
        let_the_lease_end(waiting.id)
        monkeypatch.setattr("app.exchange.arrival.import_company", lambda *_, **__: pytest.fail("a second time"))

        assert run_next_job()

        done = status_for(claim(client))
        assert done is not None
        assert (done.state, done.error) == (JobState.DONE, None)

    def test_from_elsewhere_needs_the_link(self, archive: Path) -> None:
        link = setup_link.setup_link(3000)
        assert link is not None
        refused = sent(archive, browser("10.0.0.9"))
        none_waits = arrival_under_way() is None

        taken = sent(archive, browser("10.0.0.9"), f"{PAGE}?jeton={link.partition('jeton=')[2]}")

        assert "ouvrez le lien" in _sentence(refused)
        assert none_waits
        assert taken.headers["location"] == "/bienvenue/import"

    def test_refuses_what_is_no_export_and_stays_empty(self, archive: Path) -> None:
        good = archive.read_bytes()
        archive.write_bytes(b"%PDF-1.7 rien")

        _, status = brought(archive)

        assert status.state is JobState.FAILED
        assert "n’est pas l’export" in status.error
        assert is_empty()
        archive.write_bytes(good)
        assert brought(archive)[1].state is JobState.DONE

    def test_refuses_nothing_at_all(self, archive: Path) -> None:
        assert "Choisissez le fichier" in _sentence(browser().post(PAGE, files={}, data={"x": "1"}))

    def test_refuses_a_foreign_page(self, archive: Path) -> None:
        client = browser()
        client.headers["origin"] = "https://evil.example"

        assert sent(archive, client).status_code == 403
        assert client.post("/auth/import-person", data={"person": "x"}).status_code == 403
