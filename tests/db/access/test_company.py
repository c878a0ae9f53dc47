"""The firm: its number, its settings, and that it is founded once."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Engine, text
from sqlmodel import Session

from app.doors import ask, do
from db.access.company import actions
from db.access.company.queries import company, mail_password, mail_settings
from db.access.company.rules import MailSettings, clean_uid, has_right_check_digit, shown_uid
from db.access.people import reassignment
from db.access.people.actions import close_person
from db.access.people.reassignment import BELONGINGS, NobodyTakesOver, belongings_of, register_belongings
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed
from db.session import reading

MAIL = MailSettings(True, "smtp.example.ch", 587, "starttls", "boussole", "boussole@example.ch")


class TestCleanUid:
    @pytest.mark.parametrize("number", ["123456788", "107787577", "101654423", "105805187", "100155212"])
    def test_takes_real_numbers_however_typed(self, number: str) -> None:
        shown = shown_uid(f"CHE{number}")

        for typed in (f"CHE{number}", shown, f" {shown.lower()} TVA", f"{shown} MWST", f"{shown} IVA"):
            assert clean_uid(typed) == f"CHE{number}"

    def test_leaves_none_as_none(self) -> None:
        assert clean_uid("  ") is None

    @pytest.mark.parametrize(
        "typed", ["CHE-123.456.789", "CHE-12.345", "123456788", "CHF-123.456.788", "CHE-123.456.7888"]
    )
    def test_refuses_others(self, typed: str) -> None:
        with pytest.raises(BadInput):
            clean_uid(typed)

    @given(some.text("0123456789", min_size=9, max_size=9), some.integers(0, 8), some.integers(1, 9))
    def test_notices_any_single_wrong_digit(self, digits: str, place: int, shift: int) -> None:
        wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]

        assert not (has_right_check_digit(digits) and has_right_check_digit(wrong))


class TestFoundCompany:
    def test_happens_once(self, people: dict[Role, Actor], clock: datetime) -> None:
        admin = people[Role.ADMINISTRATOR]
        do(admin, actions.found_company, at=clock, name="Ateliers du Léman SA", uid="CHE-123.456.788")

        with pytest.raises(actions.AlreadySetUp):
            do(admin, actions.found_company, at=clock, name="Une autre")

        found = ask(admin, company)
        assert found is not None
        assert (found.name, found.uid) == ("Ateliers du Léman SA", "CHE123456788")

    def test_refuses_the_first_setup_once_somebody_exists(self, people: dict[Role, Actor], clock: datetime) -> None:
        with pytest.raises(actions.AlreadySetUp):
            do(
                people[Role.SALES],
                actions.set_up,
                at=clock,
                company_name="X",
                uid="",
                name="X",
                email="x@example.ch",
                password="quatre mots bien choisis",
            )


class TestEditCompany:
    def test_refuses_to_overwrite_what_somebody_else_changed(self, people: dict[Role, Actor], clock: datetime) -> None:
        admin = people[Role.ADMINISTRATOR]
        do(admin, actions.found_company, at=clock, name="Ateliers")
        edit = {"uid": "", "language": "fr", "expected_version": 1}

        do(admin, actions.edit_company, at=clock, name="Ateliers SA", **edit)
        with pytest.raises(ChangedMeanwhile):
            do(admin, actions.edit_company, at=clock, name="Ateliers Sàrl", **edit)


class TestChangeMail:
    def test_keeps_the_password_to_itself_and_drops_it_with_the_server(
        self, people: dict[Role, Actor], clock: datetime, database: Engine
    ) -> None:
        admin = people[Role.ADMINISTRATOR]
        do(admin, actions.found_company, at=clock, name="Ateliers")
        assert not ask(admin, mail_settings).is_on

        do(admin, actions.change_mail, at=clock, settings=MAIL, password="secret-du-serveur")
        do(admin, actions.change_mail, at=clock, settings=replace(MAIL, port=2525), password=None)
        with reading() as session:
            assert mail_password(session) == "secret-du-serveur"
        do(admin, actions.change_mail, at=clock, settings=replace(MAIL, host="evil.example"), password=None)

        with reading() as session:
            assert mail_password(session) is None
        with database.connect() as connection:
            kept = str(connection.execute(text("select before, after from change_value")).all())
        assert "secret-du-serveur" not in kept

    def test_refuses_settings_with_which_nothing_could_leave(self, people: dict[Role, Actor], clock: datetime) -> None:
        admin = people[Role.ADMINISTRATOR]
        do(admin, actions.found_company, at=clock, name="Ateliers")
        for wrong in (
            {"host": ""},
            {"sender": ""},
            {"port": 0},
            {"security": "perhaps"},
            {"sender": "a@b\r\nBcc: c@d"},
        ):
            with pytest.raises(BadInput):
                do(admin, actions.change_mail, at=clock, settings=replace(MAIL, **wrong), password=None)  # type: ignore[arg-type]


class TestReassignEverything:
    @pytest.fixture
    def desks(self, monkeypatch: pytest.MonkeyPatch, people: dict[Role, Actor]) -> dict[UUID, int]:
        """A kind of record that belongs to people, as an area would register it; alone."""
        kept: dict[UUID, int] = {_id(people[Role.SALES]): 3}

        def hand_over(session: Session, *, from_user: UUID, to_user: UUID, by: Actor, at: datetime) -> int:
            kept[to_user] = kept.get(to_user, 0) + kept[from_user]
            return kept.pop(from_user)

        monkeypatch.setattr(reassignment, "BELONGINGS", {})
        register_belongings("desk", label="bureaux", count=lambda _, user_id: kept.get(user_id, 0), reassign=hand_over)
        return kept

    def test_hands_over_what_belongs_to_a_person_who_leaves(
        self, desks: dict[UUID, int], people: dict[Role, Actor], clock: datetime
    ) -> None:
        admin, leaver, heir = people[Role.ADMINISTRATOR], people[Role.SALES], people[Role.MANAGER]
        assert [(one.label, one.count) for one in ask(admin, belongings_of, user_id=leaver.user_id)] == [("bureaux", 3)]

        with pytest.raises(NobodyTakesOver, match="3 bureaux"):
            do(admin, close_person, at=clock, user_id=leaver.user_id, to_user=None)
        moved = do(admin, close_person, at=clock, user_id=leaver.user_id, to_user=heir.user_id)

        assert moved == {"desk": 3}
        assert desks == {_id(heir): 3}
        assert "desk" not in BELONGINGS

    def test_refuses_an_heir_who_left_or_is_the_same_person(
        self, desks: dict[UUID, int], people: dict[Role, Actor], clock: datetime
    ) -> None:
        admin, leaver, gone = people[Role.ADMINISTRATOR], people[Role.SALES], people[Role.HR]
        do(admin, close_person, at=clock, user_id=gone.user_id, to_user=None)

        for heir in (leaver.user_id, gone.user_id):
            with pytest.raises((BadInput, NotAllowed)):
                do(admin, close_person, at=clock, user_id=leaver.user_id, to_user=heir)


def _id(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id
