"""Keys of programs, and people who stand in for others."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from app.doors import ask, do
from db.access.gate import gate
from db.access.people.actions import change_roles, close_person
from db.access.people.deputies.actions import name_deputy, withdraw_deputy
from db.access.people.deputies.queries import replacements_of
from db.access.people.queries import actor_of, actor_of_token
from db.access.people.tokens.actions import issue_token, revoke_token
from db.access.people.tokens.queries import keys_of
from db.access.rules import Actor, Role, may
from db.kernel.errors import BadInput, FreshProofNeeded, NotAllowed, NotFound
from db.session import reading

TODAY = date(2026, 11, 24)


@gate("crm.edit_leads")
def touch_nothing(session: Session, *, by: Actor, at: datetime) -> None:
    """Do a deed that salespeople may do."""


def _now(user_id: UUID | None, at: datetime) -> Actor:
    assert user_id is not None
    with reading() as session:
        return actor_of(session, user_id=user_id, via="screen", at=at)


def _by_token(token: str, at: datetime) -> Actor | None:
    with reading() as session:
        return actor_of_token(session, token=token, at=at)


def _issue(person: Actor, clock: datetime, *scopes: str, days: int = 30) -> str:
    token: str = do(
        person,
        issue_token,
        at=clock,
        user_id=person.user_id,
        scopes=scopes or ("crm.read_leads", "api.use"),
        expires_at=clock + timedelta(days=days),
        label="Site web",
    )
    return token


class TestIssueToken:
    def test_acts_as_its_person_within_its_scopes(
        self, people: dict[Role, Actor], clock: datetime, database: Engine
    ) -> None:
        token = _issue(people[Role.SALES], clock)

        actor = _by_token(token, clock)

        assert actor is not None
        assert actor.user_id == people[Role.SALES].user_id
        assert actor.via == "api"
        assert may(actor, "crm.read_leads")
        assert not may(actor, "crm.edit_leads")
        with database.connect() as connection:
            assert token not in str(connection.execute(text("select * from api_token")).all())

    def test_loses_what_its_person_loses(self, people: dict[Role, Actor], clock: datetime) -> None:
        token = _issue(people[Role.SALES], clock)

        do(
            people[Role.ADMINISTRATOR],
            change_roles,
            at=clock,
            user_id=people[Role.SALES].user_id,
            roles=["warehouse"],
        )

        actor = _by_token(token, clock)
        assert actor is not None
        assert not may(actor, "crm.read_leads")

    def test_is_never_wider_than_its_person_nor_for_somebody_else(
        self, people: dict[Role, Actor], clock: datetime
    ) -> None:
        with pytest.raises(NotAllowed):
            _issue(people[Role.SALES], clock, "access.manage_users")
        with pytest.raises(NotAllowed):
            do(
                people[Role.SALES],
                issue_token,
                at=clock,
                user_id=people[Role.MANAGER].user_id,
                scopes=["crm.read_leads"],
                expires_at=clock + timedelta(days=1),
                label="X",
            )

    def test_refuses_unknown_scopes_and_endless_lives(self, people: dict[Role, Actor], clock: datetime) -> None:
        with pytest.raises(BadInput):
            _issue(people[Role.SALES], clock, "crm.everything")
        for days in (-1, 0, 400):
            with pytest.raises(BadInput):
                _issue(people[Role.SALES], clock, days=days)

    def test_cannot_give_a_fresh_proof(self, people: dict[Role, Actor], clock: datetime) -> None:
        token = _issue(people[Role.ADMINISTRATOR], clock, "access.change_roles")
        actor = _by_token(token, clock)
        assert actor is not None

        with pytest.raises(FreshProofNeeded):
            do(actor, change_roles, at=clock, user_id=people[Role.HR].user_id, roles=["hr"])

    def test_ends_with_its_expiry_a_revocation_or_a_departure(self, people: dict[Role, Actor], clock: datetime) -> None:
        sales = people[Role.SALES]
        expiring, revoked, left = (_issue(sales, clock) for _ in range(3))
        keys = ask(sales, keys_of, user_id=sales.user_id, at=clock)

        assert _by_token(expiring, clock + timedelta(days=30)) is None
        with pytest.raises(NotFound):
            do(people[Role.HR], revoke_token, at=clock, token_id=keys[0].id)
        for key in keys:
            do(sales, revoke_token, at=clock, token_id=key.id)
        assert _by_token(revoked, clock) is None
        left = _issue(sales, clock)
        do(people[Role.ADMINISTRATOR], close_person, at=clock, user_id=sales.user_id, to_user=None)
        assert _by_token(left, clock) is None
        assert _by_token("", clock) is None


class TestNameDeputy:
    def _name(self, people: dict[Role, Actor], clock: datetime, **changes: object) -> UUID:
        values = {
            "absent_id": people[Role.SALES].user_id,
            "deputy_id": people[Role.WAREHOUSE].user_id,
            "first_date": TODAY,
            "last_date": TODAY + timedelta(days=6),
            **changes,
        }
        made: UUID = do(people[Role.SALES], name_deputy, at=clock, **values)
        return made

    def test_lends_the_roles_between_the_days(self, people: dict[Role, Actor], clock: datetime) -> None:
        self._name(people, clock, first_date=TODAY + timedelta(days=1))
        deputy = people[Role.WAREHOUSE].user_id

        assert Role.SALES not in _now(deputy, clock).roles
        assert Role.SALES in _now(deputy, clock + timedelta(days=1)).roles
        assert Role.SALES in _now(deputy, clock + timedelta(days=6)).roles
        assert Role.SALES not in _now(deputy, clock + timedelta(days=7)).roles

    def test_says_for_whom_in_the_trail_only_where_a_lent_role_is_needed(
        self, people: dict[Role, Actor], clock: datetime, database: Engine
    ) -> None:
        self._name(people, clock)
        self._name(people, clock, deputy_id=people[Role.MANAGER].user_id)

        do(_now(people[Role.WAREHOUSE].user_id, clock), touch_nothing, at=clock)
        do(_now(people[Role.MANAGER].user_id, clock), touch_nothing, at=clock)

        with database.connect() as connection:
            names = connection.execute(text("select actor_name from deed where action like '%touch_nothing'")).scalars()
            assert set(names) == {"Warehouse pour Sales", "Manager"}

    def test_is_not_lent_on(self, people: dict[Role, Actor], clock: datetime) -> None:
        self._name(people, clock)
        do(
            people[Role.WAREHOUSE],
            name_deputy,
            at=clock,
            absent_id=people[Role.WAREHOUSE].user_id,
            deputy_id=people[Role.HR].user_id,
            first_date=TODAY,
            last_date=TODAY,
        )

        assert _now(people[Role.HR].user_id, clock).roles == {Role.HR, Role.WAREHOUSE}

    def test_refuses_what_makes_no_sense(self, people: dict[Role, Actor], clock: datetime) -> None:
        day = timedelta(days=1)
        for changes in (
            {"deputy_id": people[Role.SALES].user_id},
            {"last_date": TODAY - day, "first_date": TODAY - 2 * day},
            {"last_date": TODAY, "first_date": TODAY + day},
            {"last_date": TODAY + 400 * day},
        ):
            with pytest.raises(BadInput):
                self._name(people, clock, **changes)
        with pytest.raises(NotAllowed):
            self._name(people, clock, absent_id=people[Role.ADMINISTRATOR].user_id)

    def test_asks_for_a_fresh_proof(self, people: dict[Role, Actor], clock: datetime) -> None:
        stale = {**people, Role.SALES: _now(people[Role.SALES].user_id, clock)}

        with pytest.raises(FreshProofNeeded):
            self._name(stale, clock)

    def test_ends_early_when_withdrawn_or_when_the_absent_person_leaves(
        self, people: dict[Role, Actor], clock: datetime
    ) -> None:
        deputy = people[Role.WAREHOUSE]
        made = self._name(people, clock)
        assert len(ask(deputy, replacements_of, user_id=deputy.user_id, on=TODAY)) == 1

        with pytest.raises(NotFound):
            do(people[Role.HR], withdraw_deputy, at=clock, replacement_id=made)
        do(people[Role.SALES], withdraw_deputy, at=clock, replacement_id=made)
        assert Role.SALES not in _now(deputy.user_id, clock).roles

        self._name(people, clock)
        do(people[Role.ADMINISTRATOR], close_person, at=clock, user_id=people[Role.SALES].user_id, to_user=None)
        assert Role.SALES not in _now(deputy.user_id, clock).roles
