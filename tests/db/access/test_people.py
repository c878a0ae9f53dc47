"""People, their roles, and those who leave."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.doors import ask, do
from app.session import actor_of_user
from db.access.people import actions, queries
from db.access.people.rules import LastAdministrator, PersonClosed
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, FreshProofNeeded, NotAllowed


class TestAddUser:
    def test_lets_a_person_in_with_her_roles(self, people: dict[Role, Actor], clock: datetime) -> None:
        made = do(
            people[Role.ADMINISTRATOR],
            actions.add_user,
            at=clock,
            name="  Anne   Rochat ",
            email="Anne.Rochat@Example.ch",
            roles=["sales", Role.MANAGER],
            password="quatre mots bien choisis",
        )

        actor = actor_of_user(made, via="cli")
        assert (actor.name, actor.roles, actor.via) == ("Anne Rochat", {Role.SALES, Role.MANAGER}, "cli")

    def test_keeps_no_trace_of_the_password_in_the_history(
        self, people: dict[Role, Actor], clock: datetime, database: Engine
    ) -> None:
        do(
            people[Role.ADMINISTRATOR],
            actions.add_user,
            at=clock,
            name="Anne",
            email="anne@example.ch",
            roles=["sales"],
            password="quatre mots bien choisis",
        )

        with database.connect() as connection:
            kept = " ".join(str(row) for row in connection.execute(text("select after from change_value")))
        assert "anne@example.ch" in kept
        assert "argon2" not in kept
        assert "quatre mots" not in kept

    def test_refuses_an_address_that_is_taken_whatever_its_case(
        self, people: dict[Role, Actor], clock: datetime
    ) -> None:
        with pytest.raises(actions.AddressTaken):
            do(
                people[Role.ADMINISTRATOR],
                actions.add_user,
                at=clock,
                name="X",
                email="SALES@example.ch",
                roles=["sales"],
            )

    @pytest.mark.parametrize("email", ["", "anne", "anne@", "a b@example.ch", "a@b@example.ch", "<a@example.ch>"])
    def test_refuses_what_is_no_address(self, people: dict[Role, Actor], clock: datetime, email: str) -> None:
        with pytest.raises(BadInput):
            do(people[Role.ADMINISTRATOR], actions.add_user, at=clock, name="X", email=email, roles=["sales"])

    def test_is_for_administrators_with_a_fresh_second_factor(self, people: dict[Role, Actor], clock: datetime) -> None:
        stale = Actor(people[Role.ADMINISTRATOR].user_id, "A", frozenset({Role.ADMINISTRATOR}))

        with pytest.raises(FreshProofNeeded):
            do(stale, actions.add_user, at=clock, name="X", email="x@example.ch", roles=["sales"])
        for role in set(Role) - {Role.ADMINISTRATOR}:
            with pytest.raises(NotAllowed):
                do(people[role], actions.add_user, at=clock, name="X", email="x@example.ch", roles=["sales"])


class TestChangeRoles:
    def test_replaces_the_roles(self, people: dict[Role, Actor], clock: datetime) -> None:
        person = _id(people[Role.SALES])

        do(people[Role.ADMINISTRATOR], actions.change_roles, at=clock, user_id=person, roles=["analyst", "sales"])
        do(people[Role.ADMINISTRATOR], actions.change_roles, at=clock, user_id=person, roles=["analyst", "hr"])

        assert actor_of_user(person).roles == {Role.ANALYST, Role.HR}

    def test_refuses_to_take_the_last_administrator_away(self, people: dict[Role, Actor], clock: datetime) -> None:
        admin = people[Role.ADMINISTRATOR]

        with pytest.raises(LastAdministrator):
            do(admin, actions.change_roles, at=clock, user_id=admin.user_id, roles=["sales"])
        do(admin, actions.change_roles, at=clock, user_id=people[Role.HR].user_id, roles=["hr", "administrator"])
        do(admin, actions.change_roles, at=clock, user_id=admin.user_id, roles=["sales"])

        assert actor_of_user(_id(admin)).roles == {Role.SALES}

    def test_refuses_roles_that_do_not_exist(self, people: dict[Role, Actor], clock: datetime) -> None:
        for roles in ([], ["king"]):
            with pytest.raises(BadInput):
                do(
                    people[Role.ADMINISTRATOR],
                    actions.change_roles,
                    at=clock,
                    user_id=people[Role.SALES].user_id,
                    roles=roles,
                )


class TestClosePerson:
    def test_closes_for_good_and_refuses_a_second_time(self, people: dict[Role, Actor], clock: datetime) -> None:
        admin, leaver = people[Role.ADMINISTRATOR], _id(people[Role.SALES])

        do(admin, actions.close_person, at=clock, user_id=leaver, to_user=None)

        with pytest.raises(PersonClosed):
            actor_of_user(leaver)
        with pytest.raises(PersonClosed):
            do(admin, actions.close_person, at=clock, user_id=leaver, to_user=None)
        assert leaver not in {person.id for person in ask(admin, queries.people)}
        assert leaver in {person.id for person in ask(admin, queries.people, with_closed=True)}

    def test_refuses_the_last_administrator(self, people: dict[Role, Actor], clock: datetime) -> None:
        admin = people[Role.ADMINISTRATOR]

        with pytest.raises(LastAdministrator):
            do(admin, actions.close_person, at=clock, user_id=admin.user_id, to_user=None)


def _id(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id
