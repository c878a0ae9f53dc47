"""How long browsers stay signed in, what ends them, and how attempts are counted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Engine
from sqlmodel import Session

from app.doors import ask, do
from db.access.people import actions
from db.access.people.passwords.actions import change_password
from db.access.people.passwords.hashing import hashed
from db.access.people.passwords.rules import WeakPassword, check_password
from db.access.people.queries import actor_of_session
from db.access.people.second_factor.rules import new_secret
from db.access.people.sessions import actions as sessions
from db.access.people.sessions.attempts import count_attempt, forget_attempt
from db.access.people.sessions.queries import browsers
from db.access.people.sessions.rules import (
    FREE_FAILURES,
    LONGEST_WAIT,
    TooManyAttempts,
    WrongCredentials,
    is_alive,
    remaining_wait,
    wait_after,
)
from db.access.rules import NOBODY, Actor, Role
from db.kernel.errors import NotAllowed, NotFound
from db.session import reading, transaction

PASSWORD = "quatre mots bien choisis"
HASH = hashed(PASSWORD)


@pytest.fixture
def anne(database: Engine, system: Actor, clock: datetime) -> UUID:
    made: UUID = do(
        system, actions.add_user, at=clock, name="Anne Rey", email="anne@example.ch", roles=["sales"], password=PASSWORD
    )
    return made


def _open(user_id: UUID, at: datetime) -> str:
    from db.access.people.queries import find_user

    with reading() as session:
        kept = find_user(session, user_id).password_hash or ""
    opened = do(NOBODY, sessions.sign_in, at=at, user_id=user_id, proven_hash=kept, device="Firefox", address="::1")
    return opened.token


def _actor(token: str, at: datetime) -> Actor | None:
    with reading() as session:
        found = actor_of_session(session, token=token, at=at)
    return found[0] if found else None


def _surely(token: str, at: datetime) -> Actor:
    actor = _actor(token, at)
    assert actor is not None
    return actor


class TestIsAlive:
    def test_ends_after_twelve_idle_hours_and_after_thirty_days(self, clock: datetime) -> None:
        hour, day = timedelta(hours=1), timedelta(days=1)

        assert is_alive(clock, clock + 11 * hour, None, at=clock + 22 * hour)
        assert not is_alive(clock, clock, None, at=clock + 12 * hour)
        assert is_alive(clock, clock + 29 * day, None, at=clock + 29 * day + hour)
        assert not is_alive(clock, clock + 30 * day, None, at=clock + 30 * day)
        assert not is_alive(clock, clock, clock, at=clock)


class TestSignIn:
    def test_refuses_when_the_password_was_changed_meanwhile(self, anne: UUID, clock: datetime) -> None:
        with pytest.raises(WrongCredentials):
            do(NOBODY, sessions.sign_in, at=clock, user_id=anne, proven_hash=HASH, device="", address="")

    def test_stays_open_while_it_is_used(self, anne: UUID, clock: datetime) -> None:
        token = _open(anne, clock)

        for hours in (11, 22, 33):
            later = clock + timedelta(hours=hours)
            actor = _surely(token, later)
            assert actor.session_id is not None
            with transaction() as session:
                sessions.note_seen(session, session_id=actor.session_id, at=later)

        assert _actor(token, clock + timedelta(hours=46)) is None


class TestEndSession:
    def test_ends_ones_own_and_nobody_elses(self, anne: UUID, people: dict[Role, Actor], clock: datetime) -> None:
        here, there = _open(anne, clock), _open(anne, clock)
        me, other = _surely(here, clock), _surely(there, clock)

        with pytest.raises(NotFound):
            do(people[Role.HR], sessions.end_session, at=clock, session_id=other.session_id)
        do(me, sessions.end_session, at=clock, session_id=other.session_id)

        assert _actor(there, clock) is None
        assert [one.id for one in ask(me, browsers, user_id=anne, at=clock)] == [me.session_id]

    def test_ends_all_others_at_once(self, anne: UUID, clock: datetime) -> None:
        tokens = [_open(anne, clock) for _ in range(3)]

        do(_surely(tokens[0], clock), sessions.end_other_sessions, at=clock)

        assert [_actor(token, clock) is not None for token in tokens] == [True, False, False]


class TestWhatEndsSessions:
    def test_a_new_password_leaves_only_this_browser(self, anne: UUID, clock: datetime) -> None:
        here, there = _open(anne, clock), _open(anne, clock)

        do(_surely(here, clock), change_password, at=clock, current=PASSWORD, new="cinq autres mots bien choisis")

        assert _actor(here, clock) is not None
        assert _actor(there, clock) is None

    def test_a_wrong_current_password_changes_nothing(self, anne: UUID, clock: datetime) -> None:
        here = _open(anne, clock)

        with pytest.raises(WrongCredentials):
            do(_surely(here, clock), change_password, at=clock, current="x" * 12, new="cinq autres mots bien choisis")

        assert _actor(_open(anne, clock), clock) is not None

    def test_other_roles_end_all_of_them(self, anne: UUID, people: dict[Role, Actor], clock: datetime) -> None:
        here = _open(anne, clock)

        do(people[Role.ADMINISTRATOR], actions.change_roles, at=clock, user_id=anne, roles=["sales", "analyst"])

        assert _actor(here, clock) is None

    def test_an_administrator_ends_all_of_a_person(
        self, anne: UUID, people: dict[Role, Actor], clock: datetime
    ) -> None:
        here = _open(anne, clock)

        do(people[Role.ADMINISTRATOR], sessions.sign_out_person, at=clock, user_id=anne)

        assert _actor(here, clock) is None
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], sessions.sign_out_person, at=clock, user_id=anne)


class TestEnterDemonstration:
    def test_refuses_in_a_real_firm(self, anne: UUID, clock: datetime) -> None:
        with pytest.raises(NotAllowed, match="démonstration"):
            do(
                NOBODY,
                sessions.enter_demonstration,
                at=clock,
                user_id=anne,
                secret=new_secret(),
                device="",
                address="",
            )


class TestCountAttempt:
    @pytest.fixture
    def session(self, database: Engine) -> Iterator[Session]:
        with transaction() as session:
            yield session

    def test_grows_and_says_the_minutes(self, session: Session, clock: datetime) -> None:
        tries = [("account", "anne@example.ch")]
        at = clock
        waits = []
        for _ in range(FREE_FAILURES["account"]):
            count_attempt(session, tries=tries, at=at)
        for _ in range(5):
            with pytest.raises(TooManyAttempts) as refusal:
                count_attempt(session, tries=tries, at=at)
            waits.append(refusal.value.params["minutes"])
            at += timedelta(minutes=waits[-1])
            count_attempt(session, tries=tries, at=at)

        assert waits == [1, 2, 4, 8, 15]

    def test_does_not_count_what_it_refuses(self, session: Session, clock: datetime) -> None:
        tries = [("account", "anne@example.ch")]
        for _ in range(FREE_FAILURES["account"]):
            count_attempt(session, tries=tries, at=clock)
        for _ in range(50):
            with pytest.raises(TooManyAttempts, match="1 min"):
                count_attempt(session, tries=tries, at=clock)

        count_attempt(session, tries=tries, at=clock + timedelta(minutes=1))

    def test_a_success_forgives_the_account_but_not_the_address(self, session: Session, clock: datetime) -> None:
        tries = [("account", "anne@example.ch"), ("address", "10.0.0.9")]
        for number in range(FREE_FAILURES["address"] - 1):
            count_attempt(session, tries=[("account", f"{number}@example.ch"), ("address", "10.0.0.9")], at=clock)

        count_attempt(session, tries=tries, at=clock)
        forget_attempt(session, tries=tries, at=clock)
        count_attempt(session, tries=tries, at=clock)

        with pytest.raises(TooManyAttempts):
            count_attempt(session, tries=tries, at=clock)

    def test_forgets_after_a_day(self, session: Session, clock: datetime) -> None:
        tries = [("account", "anne@example.ch")]
        for _ in range(FREE_FAILURES["account"]):
            count_attempt(session, tries=tries, at=clock)

        for _ in range(FREE_FAILURES["account"]):
            count_attempt(session, tries=tries, at=clock + timedelta(hours=24))


class TestWaitAfter:
    @given(some.sampled_from(sorted(FREE_FAILURES)), some.integers(0, 10_000))
    def test_never_shrinks_and_never_exceeds_the_longest(self, kind: str, failures: int) -> None:
        assert timedelta(0) <= wait_after(kind, failures) <= wait_after(kind, failures + 1) <= LONGEST_WAIT

    @given(some.sampled_from(sorted(FREE_FAILURES)), some.integers(0, 100), some.integers(0, 200_000))
    def test_is_over_after_the_longest_wait(self, kind: str, failures: int, seconds: int) -> None:
        begun = datetime.fromisoformat("2026-11-24T08:00:00+00:00")

        left = remaining_wait(kind, failures, begun, at=begun + timedelta(seconds=seconds))

        assert left <= timedelta(0) or seconds < LONGEST_WAIT.total_seconds()


class TestCheckPassword:
    @pytest.mark.parametrize(
        "password",
        [
            "onze signes",
            "password1234",
            "AZERTYUIOP123",
            "aaaaaaaaaaaaaaaa",
            "anne@example.ch",
            "Anne.Rey-Boussole",
            "x" * 257,
        ],
    )
    def test_refuses_what_would_be_guessed(self, password: str) -> None:
        with pytest.raises(WeakPassword):
            check_password(password, email="anne@example.ch", name="Anne Rey")

    @pytest.mark.parametrize(
        "password", ["quatre mots bien choisis", "ça va très bien là", "7391628450182", "correcthorsebattery"]
    )
    def test_asks_for_no_composition(self, password: str) -> None:
        check_password(password, email="anne@example.ch", name="Anne Rey")
