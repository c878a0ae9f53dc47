"""`boussole models`: the same rules as on screen, JSON for scripts, exit codes that tell."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from app.cli.main import main
from app.doors import now
from app.insights import job as jobs
from db.access.people.second_factor.rules import code_at, new_secret
from db.access.people.tables import User
from db.access.rules import Actor, Role
from db.session import engine
from tests.app.insights.make import facts_of, hand_in_fitted, past_and_present, put_live, work
from tests.db.insights.make import manifest
from workspace.models.lead_score.estimator import Knobs

People = dict[Role, Actor]


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check in this process and leave freezing out: both start processes and have their own tests."""
    monkeypatch.setattr(jobs, "freeze", lambda facts: (None, "pas ici"))
    monkeypatch.setattr(jobs, "run_apart", lambda work, material, report: work(material, report))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command; return its exit code and its JSON."""
    code = main(["models", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def phone_of(by: Actor) -> str:
    """Give a person a second factor; return its present code."""
    secret = new_secret()
    with Session(engine()) as session:
        session.connection().execute(
            User.__table__.update()  # type: ignore[attr-defined]
            .where(User.__table__.c.id == by.user_id)  # type: ignore[attr-defined]
            .values(totp_secret=secret, totp_since=now() - timedelta(days=1))
        )
        session.commit()
    return code_at(secret, at=now())


class TestList:
    def test_lists_states_and_measured_figures(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        past_and_present(people[Role.SALES], now())
        hand_in_fitted(people[Role.ANALYST], now())
        work()

        code, answer = said(capsys, "list")

        assert code == 0
        assert [(row["version"], row["state"]) for row in answer["versions"]] == [(1, "proposed")]
        assert 0.5 < answer["versions"][0]["auc"] < 1

    def test_refuses_an_unknown_model(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        code, answer = said(capsys, "list", "--model", "churn")

        assert (code, answer["error"]) == (2, "NoSuchModel")


class TestPropose:
    def test_hands_in_files_and_reports_the_refusal(
        self, people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        files = {"a.skops": b"model", "n.py": b"nb", "m.json": json.dumps(manifest(b"model", b"nb")).encode()}
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        given = [str(tmp_path / name) for name in files]

        code, answer = said(capsys, "propose", *given, "--note", "Essai", "--as", "analyst@example.ch", "--work")

        assert (code, answer["state"]) == (1, "refused")
        assert "artifact.skops" in answer["problem"]

    def test_says_which_file_is_missing(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        given = ["absent.skops", "absent.py", "absent.json"]

        code, answer = said(capsys, "propose", *given, "--note", "Essai", "--as", "analyst@example.ch")

        assert (code, answer["error"]) == (2, "FileMissing")


class TestApprove:
    def test_needs_the_second_factor(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        past_and_present(people[Role.SALES], now())
        hand_in_fitted(people[Role.ANALYST], now())
        work()

        code, answer = said(capsys, "approve", "1", "--reason", "Mieux", "--as", "manager@example.ch")

        assert (code, answer["error"]) == (1, "FreshProofNeeded")

    def test_puts_a_version_into_service(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        past_and_present(people[Role.SALES], now())
        version_id = hand_in_fitted(people[Role.ANALYST], now()).version_id
        work()
        code_now = phone_of(people[Role.MANAGER])

        code, answer = said(
            capsys, "approve", "1", "--reason", "Mieux", "--as", "manager@example.ch", "--code", code_now, "--work"
        )

        assert (code, answer["state"], answer["result"]["scored"]) == (0, "live", 40)
        assert facts_of(version_id).state == "live"

    @pytest.mark.parametrize("email", ["analyst@example.ch", "sales@example.ch"])
    def test_refuses_those_who_may_not(self, people: People, capsys: pytest.CaptureFixture[str], email: str) -> None:
        past_and_present(people[Role.SALES], now(), closed=80)
        hand_in_fitted(people[Role.ANALYST], now())

        code, answer = said(capsys, "approve", "1", "--reason", "Mieux", "--as", email)

        assert (code, answer["error"]) == (1, "NotAllowed")

    def test_refuses_somebody_unknown(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        code, answer = said(capsys, "approve", "1", "--reason", "Mieux", "--as", "nobody@example.ch")

        assert (code, answer["error"]) == (1, "NotFound")


class TestRollback:
    def test_brings_the_version_before_back(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        fresh = {role: _fresh(actor) for role, actor in people.items()}
        past_and_present(people[Role.SALES], now())
        first = put_live(fresh, now())
        put_live(fresh, now(), knobs=Knobs(boosted_trees=False, regularisation=9.0))

        code, answer = said(capsys, "rollback", "--reason", "Plaintes", "--as", "manager@example.ch", "--work")

        assert (code, answer["version"], answer["state"]) == (0, 1, "live")
        assert facts_of(first).state == "live"

    def test_says_when_there_is_none(self, people: People, capsys: pytest.CaptureFixture[str]) -> None:
        code, answer = said(capsys, "rollback", "--reason", "Plaintes", "--as", "manager@example.ch")

        assert (code, answer["error"]) == (1, "NothingToReturnTo")


def _fresh(actor: Actor) -> Actor:

    return replace(actor, fresh_until=now() + timedelta(hours=1))
