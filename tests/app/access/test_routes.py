"""What browsers post: sign-in in two steps, the first set-up, links, and what a foreign page cannot do."""

from datetime import UTC, datetime
from http.cookies import SimpleCookie

import pytest
from alembic import command
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, text

from app.access import entrance, setup_link
from app.access.answers import inner_address, note_from
from app.access.routes import application
from app.doors import ask, do, now
from app.session import who_is
from db.access.company.actions import change_mail, found_company
from db.access.company.rules import MailSettings
from db.access.people.actions import add_user, close_person
from db.access.people.passwords.actions import make_reset_link
from db.access.people.queries import people_of_demo
from db.access.people.second_factor.actions import confirm_second_factor, offer_second_factor
from db.access.people.second_factor.queries import demonstration_code
from db.access.people.second_factor.rules import code_at
from db.access.rules import Actor, Role
from db.migrations.run import config
from db.session import COMPANY, DEMO, database_url, open_company, transaction

ORIGIN = "http://127.0.0.1:3000"
PASSWORD = "quatre mots bien choisis"
SETUP = {
    "company": "Ateliers du Léman SA",
    "uid": "CHE-123.456.788",
    "name": "Claire Rochat",
    "email": "claire@example.ch",
    "password": PASSWORD,
}


@pytest.fixture
def browser(database: Engine, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser on this machine."""
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("BOUSSOLE_ORIGINS", raising=False)
    return _browser()


@pytest.fixture
def anne(database: Engine, system: Actor) -> Actor:
    """A salesperson with a password and without a second factor."""
    made = do(system, add_user, name="Anne Rey", email="anne@example.ch", roles=[Role.SALES], password=PASSWORD)
    return Actor(made, "Anne Rey", frozenset({Role.SALES}))


def _browser(peer: str = "127.0.0.1", **headers: str) -> TestClient:
    client = TestClient(application, base_url=ORIGIN, client=(peer, 50000), follow_redirects=False)
    client.headers.update({"origin": ORIGIN, "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0", **headers})
    return client


def _who(browser: TestClient) -> Actor | None:
    return who_is("; ".join(f"{name}={value}" for name, value in browser.cookies.items()))


def _sentence(answer: Response) -> str:
    cookie = "; ".join(f"{m.key}={m.value}" for m in SimpleCookie(answer.headers["set-cookie"]).values())
    return note_from(cookie, answer.headers["location"].partition("avis=")[2]).in_words("fr")


def _with_second_factor(person: Actor) -> tuple[str, list[str]]:
    """Give a person a second factor; return its secret and recovery codes (the code used is half a minute old)."""
    secret = do(person, offer_second_factor)
    earlier = datetime.fromtimestamp(now().timestamp() - 30, UTC)
    codes = do(person, confirm_second_factor, code=code_at(secret, at=earlier), password=PASSWORD)
    return secret, list(codes)


class TestSignIn:
    def test_opens_a_session_in_a_cookie_that_scripts_cannot_read(self, browser: TestClient, anne: Actor) -> None:
        answer = browser.post(
            "/auth/sign-in", data={"email": " Anne@Example.ch ", "password": PASSWORD, "retour": "/pistes"}
        )

        assert (answer.status_code, answer.headers["location"]) == (303, "/pistes")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie.split("boussole_note")[0]
        actor = _who(browser)
        assert actor is not None
        assert actor.user_id == anne.user_id
        assert actor.fresh_until is None

    def test_keeps_only_a_hash_of_the_cookie(self, browser: TestClient, anne: Actor, database: Engine) -> None:
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})

        with database.connect() as connection:
            kept = [str(row) for row in connection.execute(text("select * from sign_in_session"))]
        assert kept
        assert all(browser.cookies["boussole_session"] not in row for row in kept)

    def test_limits_the_cookie_to_https_where_the_browser_speaks_it(
        self, anne: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BOUSSOLE_ORIGINS", "https://crm.example.ch")
        browser = _browser(origin="https://crm.example.ch")

        answer = browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})

        assert "Secure" in answer.headers["set-cookie"]

    def test_says_the_same_for_a_wrong_password_and_an_unknown_address(self, browser: TestClient, anne: Actor) -> None:
        wrong = browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": "x" * 12})
        unknown = browser.post("/auth/sign-in", data={"email": "nobody@example.ch", "password": "x" * 12})

        assert _sentence(wrong) == _sentence(unknown) == "L’adresse ou le mot de passe ne convient pas."
        assert _who(browser) is None

    def test_writes_success_and_failure_into_the_trail(
        self, browser: TestClient, anne: Actor, database: Engine
    ) -> None:
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": "x" * 12})
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})

        with database.connect() as connection:
            deeds = connection.execute(
                text("select action, actor_name from deed where action like '%sign_in' order by at")
            ).all()
        assert [tuple(row) for row in deeds] == [
            ("access.people.sessions.refuse_sign_in", "visiteur (compte de Anne Rey)"),
            ("access.people.sessions.sign_in", "Anne Rey"),
        ]

    def test_lets_nobody_in_who_has_left(self, browser: TestClient, anne: Actor, people: dict[Role, Actor]) -> None:
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})
        do(people[Role.ADMINISTRATOR], close_person, at=now(), user_id=anne.user_id, to_user=None)

        assert _who(browser) is None
        answer = browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})
        assert _sentence(answer) == "L’adresse ou le mot de passe ne convient pas."

    def test_makes_an_account_wait_and_says_how_long(self, browser: TestClient, anne: Actor) -> None:
        for _ in range(5):
            browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": "x" * 12})

        answer = browser.post("/auth/sign-in", data={"email": "ANNE@example.ch", "password": PASSWORD})

        assert _sentence(answer) == "Trop d’essais. Réessayez dans 1 min."
        assert _who(browser) is None

    def test_makes_an_address_wait_that_tries_many_accounts(self, browser: TestClient, anne: Actor) -> None:
        with transaction() as session:
            for number in range(20):
                entrance.count_attempt(
                    session, tries=[("account", f"{number}@x.ch"), ("address", "127.0.0.1")], at=now()
                )

        here = browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})
        elsewhere = _browser("10.0.0.9").post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})

        assert "Trop d’essais" in _sentence(here)
        assert elsewhere.headers["location"] == "/"

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:3001"])
    def test_refuses_what_a_foreign_page_posts(self, anne: Actor, database: Engine, origin: str) -> None:
        answer = _browser(origin=origin).post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})

        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers

    def test_refuses_a_huge_form(self, browser: TestClient) -> None:
        assert browser.post("/auth/sign-in", data={"email": "x" * 20_000}).status_code == 413


class TestInnerAddress:
    @pytest.mark.parametrize(
        "evil", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "", "/a\nb", "/auth/x"]
    )
    def test_never_leads_elsewhere(self, evil: str) -> None:
        assert inner_address(evil) == "/"

    def test_keeps_our_own(self) -> None:
        assert inner_address("/pistes?vue=1") == "/pistes?vue=1"


class TestEnterCode:
    def test_opens_only_after_the_code_and_gives_another_cookie(self, browser: TestClient, anne: Actor) -> None:
        secret, _ = _with_second_factor(anne)

        answer = browser.post(
            "/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD, "retour": "/pistes"}
        )
        assert answer.headers["location"] == "/connexion/code?retour=/pistes"
        before = browser.cookies["boussole_session"]
        assert _who(browser) is None

        answer = browser.post("/auth/code", data={"code": code_at(secret, at=now()), "retour": "/pistes"})
        assert answer.headers["location"] == "/pistes"
        actor = _who(browser)
        assert actor is not None
        assert actor.fresh_until is not None
        assert actor.fresh_until > now()
        assert browser.cookies["boussole_session"] != before

    def test_refuses_a_code_that_was_used(self, anne: Actor, database: Engine) -> None:
        secret, _ = _with_second_factor(anne)
        code = code_at(secret, at=now())
        first, second = _browser(), _browser()
        for browser in (first, second):
            browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})

        first.post("/auth/code", data={"code": code})
        answer = second.post("/auth/code", data={"code": code})

        assert "ne convient pas" in _sentence(answer)
        assert _who(first) is not None
        assert _who(second) is None

    def test_takes_a_recovery_code_once(self, anne: Actor, database: Engine) -> None:
        _, codes = _with_second_factor(anne)
        first, second = _browser(), _browser()
        for browser in (first, second):
            browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})
            browser.post("/auth/code", data={"code": f" {codes[0].lower().replace('-', ' ')} "})

        assert _who(first) is not None
        assert _who(second) is None

    def test_makes_a_guesser_wait(self, browser: TestClient, anne: Actor) -> None:
        secret, _ = _with_second_factor(anne)
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})
        for _ in range(5):
            browser.post("/auth/code", data={"code": "12"})

        answer = browser.post("/auth/code", data={"code": code_at(secret, at=now())})

        assert "Trop d’essais" in _sentence(answer)

    def test_refuses_a_visitor_without_a_password(self, browser: TestClient) -> None:
        answer = browser.post("/auth/code", data={"code": "123456"})

        assert "Recommencez par le mot de passe" in _sentence(answer)


class TestSignOut:
    def test_ends_the_session_in_the_database_too(self, browser: TestClient, anne: Actor) -> None:
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})
        cookie = browser.cookies["boussole_session"]

        answer = browser.post("/auth/sign-out")

        assert answer.headers["location"] == "/connexion"
        assert who_is(f"boussole_session={cookie}") is None


class TestNewPassword:
    def test_works_once_and_signs_every_browser_out(
        self, browser: TestClient, anne: Actor, people: dict[Role, Actor]
    ) -> None:
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})
        token = do(people[Role.ADMINISTRATOR], make_reset_link, at=now(), user_id=anne.user_id)
        form = {"jeton": token, "password": "cinq autres mots bien choisis"}

        weak = _browser().post("/auth/new-password", data={"jeton": token, "password": "court"})
        done = _browser().post("/auth/new-password", data=form)
        again = _browser().post("/auth/new-password", data=form)

        assert "12" in _sentence(weak)
        assert done.headers["location"] == "/connexion?change=1"
        assert "déjà servi" in _sentence(again)
        assert _who(browser) is None
        answer = browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": form["password"]})
        assert answer.headers["location"] == "/"


class TestForgotten:
    @pytest.fixture(autouse=True)
    def _sending(self, database: Engine, system: Actor) -> None:
        do(system, found_company, name="Ateliers")
        settings = MailSettings(True, "127.0.0.1", 2525, "none", "", "boussole@example.ch")
        do(system, change_mail, settings=settings, password=None)

    def test_says_so_where_no_mail_may_leave(self, browser: TestClient, system: Actor, database: Engine) -> None:
        settings = MailSettings(False, "127.0.0.1", 2525, "none", "", "boussole@example.ch")
        do(system, change_mail, settings=settings, password=None)

        answer = browser.post("/auth/forgotten", data={"email": "anne@example.ch"})

        assert "pas activé" in _sentence(answer)
        with database.connect() as connection:
            assert connection.execute(text("select count(*) from job")).scalar() == 0

    def test_answers_alike_for_known_and_unknown_addresses(
        self, browser: TestClient, anne: Actor, database: Engine
    ) -> None:
        known = browser.post("/auth/forgotten", data={"email": "anne@example.ch"})
        unknown = browser.post("/auth/forgotten", data={"email": "nobody@example.ch"})

        assert known.headers["location"] == unknown.headers["location"] == "/mot-de-passe?envoi=1"
        with database.connect() as connection:
            assert connection.execute(text("select count(*) from job")).scalar() == 2

    def test_does_not_flood_a_mailbox(self, browser: TestClient, anne: Actor, database: Engine) -> None:
        answers = [browser.post("/auth/forgotten", data={"email": "anne@example.ch"}) for _ in range(5)]

        assert "Trop d’essais" in _sentence(answers[-1])
        with database.connect() as connection:
            assert connection.execute(text("select count(*) from job")).scalar() == 3


class TestFirstSetup:
    def test_creates_firm_and_administrator_and_signs_her_in(self, browser: TestClient, database: Engine) -> None:
        answer = browser.post("/auth/setup", data=SETUP)

        assert answer.headers["location"] == "/"
        actor = _who(browser)
        assert actor is not None
        assert Role.ADMINISTRATOR in actor.roles
        with database.connect() as connection:
            assert connection.execute(text("select name, uid from company")).one() == (
                "Ateliers du Léman SA",
                "CHE123456788",
            )

    def test_happens_once(self, browser: TestClient, database: Engine) -> None:
        browser.post("/auth/setup", data=SETUP)

        answer = _browser().post("/auth/setup", data={**SETUP, "email": "other@example.ch"})

        assert "existe déjà" in _sentence(answer)

    def test_is_whole_or_nothing_and_keeps_what_was_typed(self, browser: TestClient, database: Engine) -> None:
        answer = browser.post("/auth/setup", data={**SETUP, "password": "password1234"})

        assert "répandu" in _sentence(answer)
        with database.connect() as connection:
            assert connection.execute(text("select count(*) from company")).scalar() == 0
        cookie = SimpleCookie(answer.headers["set-cookie"])["boussole_note"].value
        note = note_from(f"boussole_note={cookie}", answer.headers["location"].partition("avis=")[2])
        assert note.typed["company"] == SETUP["company"]
        assert "password" not in note.typed

    def test_refuses_a_wrong_company_number(self, browser: TestClient, database: Engine) -> None:
        assert "chiffre de contrôle" in _sentence(browser.post("/auth/setup", data={**SETUP, "uid": "CHE-123.456.789"}))

    @pytest.mark.parametrize(
        ("peer", "headers"),
        [("10.0.0.9", {}), ("127.0.0.1", {"x-forwarded-for": "10.0.0.9"}), ("127.0.0.1", {"host": "crm.example.ch"})],
    )
    def test_from_elsewhere_needs_the_link(self, database: Engine, peer: str, headers: dict[str, str]) -> None:
        link = setup_link.setup_link(3000)
        assert link is not None

        without = _browser(peer, **headers).post("/auth/setup", data=SETUP)
        wrong = _browser(peer, **headers).post("/auth/setup", data={**SETUP, "jeton": "x" * 32})
        right = _browser(peer, **headers).post("/auth/setup", data={**SETUP, "jeton": link.partition("jeton=")[2]})

        assert "make run" in _sentence(without)
        assert "make run" in _sentence(wrong)
        assert right.headers["location"] == "/"
        assert setup_link.setup_link(3000) is None


class TestOpenDemo:
    def test_begins_as_a_person_and_leaves_to_the_empty_firm(self, browser: TestClient, database: Engine) -> None:
        command.stamp(config(database_url()), "head")  # the tests' tables are made without migrations
        answer = browser.post("/auth/demo")

        assert answer.headers["location"].startswith("/bienvenue/demonstration?travail=")
        actor = _who(browser)
        assert actor is not None
        assert Role.MANAGER in actor.roles
        assert actor.fresh_until is None
        assert ask(actor, demonstration_code, user_id=actor.user_id, at=now()).isdigit()

        other = ask(actor, people_of_demo)[0]
        browser.post("/auth/demo-person", data={"person": str(other.id)})
        assert (_who(browser) or actor).user_id == other.id

        visitor = _browser().post("/demonstration/quitter")
        assert visitor.status_code == 403
        assert open_company() == DEMO
        assert browser.post("/demonstration/quitter").headers["location"] == "/"
        assert open_company() == COMPANY
        assert _who(browser) is None

    def test_is_the_administrators_once_the_firm_exists(
        self, browser: TestClient, anne: Actor, database: Engine
    ) -> None:
        browser.post("/auth/sign-in", data={"email": "anne@example.ch", "password": PASSWORD})

        assert "existe déjà" in _sentence(browser.post("/auth/demo"))
        assert open_company() == COMPANY

    def test_lets_nobody_into_a_real_firm_without_a_password(
        self, browser: TestClient, anne: Actor, database: Engine
    ) -> None:
        assert browser.post("/auth/demo-person", data={"person": str(anne.user_id)}).status_code == 404
        assert _who(browser) is None
