"""Second factors: once each, with a tolerance for slow clocks, and recovery codes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Engine, text

from app.doors import ask, do
from db.access.people.actions import add_user
from db.access.people.queries import actor_of_session, find_user
from db.access.people.second_factor import actions
from db.access.people.second_factor.proof import NoSecondFactor
from db.access.people.second_factor.queries import demonstration_code, second_factor
from db.access.people.second_factor.rules import (
    RECOVERY_CODES,
    code_at,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_hash,
)
from db.access.people.sessions import actions as sessions
from db.access.people.sessions.rules import FRESH_TIME, WrongCredentials
from db.access.rules import NOBODY, Actor, Role
from db.kernel.errors import FreshProofNeeded, NotAllowed
from db.session import reading

PASSWORD = "quatre mots bien choisis"
STEP = timedelta(seconds=30)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def anne(database: Engine, system: Actor, clock: datetime) -> Actor:
    """A person in a browser, without a second factor."""
    made: UUID = do(
        system, add_user, at=clock, name="Anne", email="anne@example.ch", roles=["sales"], password=PASSWORD
    )
    with reading() as session:
        kept = find_user(session, made).password_hash
    opened = do(NOBODY, sessions.sign_in, at=clock, user_id=made, proven_hash=kept, device="Firefox", address="::1")
    return _again(opened.token, clock)


def _again(token: str, at: datetime) -> Actor:
    with reading() as session:
        found = actor_of_session(session, token=token, at=at)
    assert found is not None
    return found[0]


def _set_up(anne: Actor, at: datetime) -> tuple[str, list[str]]:
    secret = do(anne, actions.offer_second_factor, at=at)
    codes = do(anne, actions.confirm_second_factor, at=at, code=code_at(secret, at=at), password=PASSWORD)
    return secret, list(codes)


class TestMatchingStep:
    @given(some.integers(0, 2**32), some.integers(-1, 1))
    def test_accepts_the_step_and_its_neighbours(self, seconds: int, shift: int) -> None:
        at = datetime.fromtimestamp(seconds + 60, UTC)
        step = int(at.timestamp()) // 30

        found = matching_step(SECRET, code_at(SECRET, at=at + shift * STEP), at=at, last_step=None)

        assert found is not None
        assert abs(found - step) <= 1

    def test_refuses_what_is_a_minute_off(self, clock: datetime) -> None:
        for shift in (-2, 2):
            assert matching_step(SECRET, code_at(SECRET, at=clock + shift * STEP), at=clock, last_step=None) is None

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34", "-12345"])
    def test_refuses_what_is_no_code(self, clock: datetime, typed: str) -> None:
        assert matching_step(new_secret(), typed, at=clock, last_step=None) is None

    def test_refuses_a_used_code_and_older_ones(self, clock: datetime) -> None:
        secret = new_secret()
        step = int(clock.timestamp()) // 30

        assert matching_step(secret, code_at(secret, at=clock), at=clock, last_step=step) is None
        assert matching_step(secret, code_at(secret, at=clock - STEP), at=clock, last_step=step) is None
        assert matching_step(secret, code_at(secret, at=clock + STEP), at=clock, last_step=step) == step + 1


class TestRecoveryHash:
    def test_does_not_mind_how_a_code_is_typed(self) -> None:
        for code in new_recovery_codes():
            assert recovery_hash(code.lower().replace("-", " ")) == recovery_hash(code)

    def test_gives_different_codes(self) -> None:
        assert len({recovery_hash(code) for _ in range(20) for code in new_recovery_codes()}) == 20 * RECOVERY_CODES


class TestConfirmSecondFactor:
    def test_switches_it_on_with_ten_codes_and_a_fresh_proof(self, anne: Actor, clock: datetime) -> None:
        _, codes = _set_up(anne, clock)

        found = ask(anne, second_factor, user_id=anne.user_id)
        assert found.since == clock
        assert found.recovery_codes_left == len(set(codes)) == 10

    def test_needs_the_password_and_a_right_code(self, anne: Actor, clock: datetime) -> None:
        secret = do(anne, actions.offer_second_factor, at=clock)

        with pytest.raises(WrongCredentials, match="mot de passe"):
            do(anne, actions.confirm_second_factor, at=clock, code=code_at(secret, at=clock), password="x")
        with pytest.raises(WrongCredentials, match="code"):
            do(anne, actions.confirm_second_factor, at=clock, code="000", password=PASSWORD)

        assert ask(anne, second_factor, user_id=anne.user_id).since is None

    def test_replacing_it_needs_the_old_one(self, anne: Actor, clock: datetime) -> None:
        _set_up(anne, clock)

        with pytest.raises(FreshProofNeeded):
            do(anne, actions.offer_second_factor, at=clock)

    def test_keeps_secrets_out_of_history(self, anne: Actor, clock: datetime, database: Engine) -> None:
        secret, codes = _set_up(anne, clock)

        with database.connect() as connection:
            kept = " ".join(str(row) for row in connection.execute(text("select before, after from change_value")))
            rows = " ".join(str(row) for row in connection.execute(text("select * from recovery_code")))
        assert secret not in kept
        assert codes[0] not in rows


class TestProveAgain:
    def test_is_fresh_for_ten_minutes(self, anne: Actor, clock: datetime) -> None:
        secret, _ = _set_up(anne, clock)
        later = clock + timedelta(hours=1)

        until = do(anne, sessions.prove_again, at=later, code=code_at(secret, at=later))

        assert until == later + FRESH_TIME
        codes = do(_fresh(anne, until), actions.renew_recovery_codes, at=until)
        assert len(codes) == 10
        with pytest.raises(FreshProofNeeded):
            do(_fresh(anne, until), actions.renew_recovery_codes, at=until + timedelta(seconds=1))

    def test_uses_a_recovery_code_up(self, anne: Actor, clock: datetime) -> None:
        _, codes = _set_up(anne, clock)

        do(anne, sessions.prove_again, at=clock, code=codes[3])

        with pytest.raises(WrongCredentials):
            do(anne, sessions.prove_again, at=clock, code=codes[3])
        assert ask(anne, second_factor, user_id=anne.user_id).recovery_codes_left == 9

    def test_leads_a_person_without_one_to_setting_it_up(self, anne: Actor, clock: datetime) -> None:
        with pytest.raises(NoSecondFactor):
            do(anne, sessions.prove_again, at=clock, code="123456")

    def test_is_for_browsers_only(self, people: dict[Role, Actor], clock: datetime) -> None:
        with pytest.raises(NotAllowed, match="navigateur"):
            do(people[Role.SALES], sessions.prove_again, at=clock, code="123456")


class TestResetSecondFactor:
    def test_is_an_administrators_and_never_for_oneself(
        self, anne: Actor, people: dict[Role, Actor], clock: datetime
    ) -> None:
        _set_up(anne, clock)
        admin = people[Role.ADMINISTRATOR]

        with pytest.raises(NotAllowed):
            do(people[Role.MANAGER], actions.reset_second_factor, at=clock, user_id=anne.user_id)
        with pytest.raises(NotAllowed):
            do(admin, actions.reset_second_factor, at=clock, user_id=admin.user_id)
        do(admin, actions.reset_second_factor, at=clock, user_id=anne.user_id)

        assert ask(anne, second_factor, user_id=anne.user_id).recovery_codes_left == 0


class TestDemonstrationCode:
    def test_is_never_shown_in_a_real_firm(self, anne: Actor, clock: datetime) -> None:
        _set_up(anne, clock)

        with pytest.raises(NotAllowed):
            ask(anne, demonstration_code, user_id=anne.user_id, at=clock)


def _fresh(actor: Actor, until: datetime) -> Actor:
    return Actor(actor.user_id, actor.name, actor.roles, session_id=actor.session_id, fresh_until=until)
