"""An exported company put into an empty installation by a browser on the first page."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.access import setup_link
from app.access.routes import application
from app.exchange.write import export_company
from db.access.rules import Actor, Role
from db.migrations.run import config, upgrade
from db.session import COMPANY, engine
from tests.app.access.test_routes import ORIGIN, _sentence
from tests.app.exchange.company import another, everything, files, fill_company

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
    upgrade(COMPANY)  # a served installation has its tables
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
        return all(
            connection.execute(text(f"select count(*) from {table}")).scalar() == 0
            for table in ("user_account", "deed")
        )


class TestTheFirstPage:
    def test_takes_the_same_company_in(self, archive: Path, request: Any) -> None:
        answer = sent(archive, browser())

        before, after = request.node.before[0], everything()
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/mot-de-passe?jeton=")
        assert changed <= {"deed", "change", "change_value", "seal", "user_account", "totp_offer"}  # the way in
        assert len(after["party"]) > 2

    def test_lets_the_administrator_choose_a_password(self, archive: Path) -> None:
        client = browser()
        token = sent(archive, client).headers["location"].partition("jeton=")[2]

        chosen = client.post("/auth/new-password", data={"jeton": token, "password": "quatre mots bien choisis"})

        assert chosen.headers["location"].startswith("/connexion")

    def test_happens_once(self, archive: Path) -> None:
        sent(archive, browser())

        assert "existe déjà" in _sentence(sent(archive, browser()))

    def test_from_elsewhere_needs_the_link(self, archive: Path) -> None:
        link = setup_link.setup_link(3000)
        assert link is not None
        refused = sent(archive, browser("10.0.0.9"))
        kept_empty = is_empty()

        taken = sent(archive, browser("10.0.0.9"), f"{PAGE}?jeton={link.partition('jeton=')[2]}")

        assert "ouvrez le lien" in _sentence(refused)
        assert kept_empty
        assert taken.headers["location"].startswith("/mot-de-passe")

    def test_refuses_what_is_no_export_and_stays_empty(self, archive: Path) -> None:
        archive.write_bytes(b"%PDF-1.7 rien")

        assert "n’est pas l’export" in _sentence(sent(archive, browser()))
        assert is_empty()

    def test_refuses_nothing_at_all(self, archive: Path) -> None:
        assert "Choisissez le fichier" in _sentence(browser().post(PAGE, files={}, data={"x": "1"}))

    def test_refuses_a_foreign_page(self, archive: Path) -> None:
        client = browser()
        client.headers["origin"] = "https://evil.example"

        assert sent(archive, client).status_code == 403
