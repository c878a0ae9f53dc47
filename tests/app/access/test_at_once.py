"""Several people, or one attacker, at the very same moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy import Engine, text

from app.access import entrance
from app.doors import do
from db.access.company.actions import AlreadySetUp, set_up
from db.access.people.actions import add_user, change_roles
from db.access.people.rules import LastAdministrator
from db.access.people.sessions.rules import FREE_FAILURES, TooManyAttempts, WrongCredentials
from db.access.rules import NOBODY, Actor, Role

PASSWORD = "quatre mots bien choisis"


def _at_once(deeds: Iterable[Callable[[], object]]) -> list[BaseException | object]:
    """Do things at the same moment; return what each gave or raised."""
    waiting = list(deeds)
    start = Barrier(len(waiting))

    def run(deed: Callable[[], object]) -> BaseException | object:
        start.wait()
        try:
            return deed()
        except Exception as problem:  # noqa: BLE001 - the tests look at what was raised
            return problem

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


class TestSignIn:
    def test_lets_no_more_guesses_through_at_once_than_one_by_one(self, database: Engine, system: Actor) -> None:
        do(system, add_user, name="Anne", email="anne@example.ch", roles=[Role.SALES], password=PASSWORD)

        answers = _at_once(
            lambda guess=guess: entrance.sign_in(  # type: ignore[misc]
                email="anne@example.ch", password=f"guess number {guess}", device="", address="10.0.0.9"
            )
            for guess in range(12)
        )

        kinds = [type(answer) for answer in answers]
        assert [a for a in answers if type(a) not in (WrongCredentials, TooManyAttempts)] == []
        assert kinds.count(WrongCredentials) == FREE_FAILURES["account"]
        assert kinds.count(TooManyAttempts) == 12 - FREE_FAILURES["account"]


class TestChangeRoles:
    def test_two_administrators_cannot_take_the_role_from_each_other(
        self, database: Engine, system: Actor, clock: datetime
    ) -> None:
        both = [
            do(system, add_user, at=clock, name=name, email=f"{name}@example.ch", roles=[Role.ADMINISTRATOR])
            for name in ("anne", "luc")
        ]

        answers = _at_once(
            lambda user_id=user_id: do(system, change_roles, at=clock, user_id=user_id, roles=[Role.SALES])  # type: ignore[misc]
            for user_id in both
        )

        assert sorted(type(answer) for answer in answers if answer is not None) == [LastAdministrator]


class TestSetUp:
    def test_makes_one_firm_and_one_first_person(self, database: Engine, clock: datetime) -> None:
        answers = _at_once(
            lambda name=name: do(  # type: ignore[misc]
                NOBODY,
                set_up,
                at=clock,
                company_name="Ateliers",
                uid="",
                name=name,
                email=f"{name}@example.ch",
                password=PASSWORD,
            )
            for name in ("anne", "luc", "zoe")
        )

        assert sum(isinstance(answer, AlreadySetUp) for answer in answers) == 2
        with database.connect() as connection:
            assert connection.execute(text("select count(*) from user_account")).scalar() == 1
