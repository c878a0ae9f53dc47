"""`boussole user …`: letting people in without the screens."""

import io
import json

import pytest
from sqlalchemy import Engine

from app.access import entrance
from app.cli.main import main

PASSWORD = "quatre mots bien choisis"


def _answer(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> object:
    assert main(["user", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def _add(capsys: pytest.CaptureFixture[str], name: str, *more: str, code: int = 0) -> object:
    arguments = ("add", "--name", name.capitalize(), "--email", f"{name}@example.ch", *more)
    return _answer(capsys, *arguments, code=code)


class TestAdd:
    def test_lets_a_person_in_who_can_sign_in(
        self, database: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))

        _add(capsys, "anne", "--role", "sales", "--role", "analyst", "--password-stdin")

        entrance.sign_in(email="anne@example.ch", password=PASSWORD, device="", address="")
        [person] = _answer(capsys, "list")  # type: ignore[misc]
        assert person["roles"] == ["analyst", "sales"]
        assert person["closed_at"] is None

    def test_refuses_with_exit_codes(self, database: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        _add(capsys, "anne", "--role", "sales")

        assert _add(capsys, "anne", "--role", "sales", code=1)["error"] == "AddressTaken"  # type: ignore[index]
        bad = _answer(capsys, "add", "--name", "X", "--email", "nothing", "--role", "sales", code=2)
        assert bad["error"] == "BadInput"  # type: ignore[index]
        with pytest.raises(SystemExit) as usage:
            main(["user", "add", "--name", "X", "--email", "x@example.ch", "--role", "king"])
        assert usage.value.code == 2


class TestClose:
    def test_closes_all_but_the_last_administrator(self, database: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        _add(capsys, "anne", "--role", "administrator")
        _add(capsys, "luc", "--role", "sales")

        _answer(capsys, "close", "luc@example.ch", "--to", "anne@example.ch")
        refusal = _answer(capsys, "close", "anne@example.ch", code=1)

        assert refusal["error"] == "LastAdministrator"  # type: ignore[index]
        assert [person["name"] for person in _answer(capsys, "list")] == ["Anne"]  # type: ignore[attr-defined]
        assert len(_answer(capsys, "list", "--all")) == 2  # type: ignore[arg-type]


class TestResetLink:
    def test_gives_a_link_that_works(self, database: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        _add(capsys, "anne", "--role", "sales")

        link = _answer(capsys, "reset-link", "anne@example.ch")["link"]  # type: ignore[index]
        entrance.use_reset_link(token=link.partition("jeton=")[2], password=PASSWORD, address="")

        entrance.sign_in(email="anne@example.ch", password=PASSWORD, device="", address="")

    def test_refuses_an_unknown_address(self, database: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        assert _answer(capsys, "reset-link", "nobody@example.ch", code=1)["error"] == "NotFound"  # type: ignore[index]
