"""Who did what when."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.doors import ask, do
from db.access.deeds.queries import DeedFilter, deed_page, record_deeds, recorded_kinds
from db.access.people.actions import add_user, close_person, edit_own_account
from db.access.rules import Actor, Role
from db.kernel.errors import NotAllowed
from db.session import reading


def names(found: object) -> list[str]:
    """Return the actions of deeds."""
    return [deed.action.rsplit(".", 1)[-1] for deed in found]  # type: ignore[attr-defined]


class TestDeedPage:
    def test_tells_before_and_after(self, database: Engine, people: dict[Role, Actor], clock: datetime) -> None:
        sales = people[Role.SALES]
        do(sales, edit_own_account, at=clock, name="Sales", language="de", expected_version=1)

        newest = ask(people[Role.MANAGER], deed_page, wanted=DeedFilter(actor_id=sales.user_id))[0]

        [change] = newest.changes
        assert (newest.actor_name, newest.change_count) == ("Sales", 1)
        assert (change.kind, change.before, change.after) == ("user_account", {"language": "fr"}, {"language": "de"})

    def test_pages_through_everything_once(
        self, database: Engine, people: dict[Role, Actor], clock: datetime, system: Actor
    ) -> None:
        seen: list[UUID] = []
        after = None
        while page := ask(system, deed_page, wanted=DeedFilter(), after=after, most=3):
            seen += [deed.id for deed in page]
            after = (page[-1].at, page[-1].id)

        assert len(seen) == len(set(seen)) == len(people)

    def test_keeps_to_a_period_and_a_kind(
        self, database: Engine, people: dict[Role, Actor], clock: datetime, system: Actor
    ) -> None:
        later = clock + timedelta(days=2)
        user_id = people[Role.HR].user_id
        do(system, close_person, at=later, user_id=user_id, to_user=None)
        period = DeedFilter(since=clock + timedelta(days=1), until=clock + timedelta(days=3))

        assert names(ask(system, deed_page, wanted=period)) == ["close_person"]
        assert ask(system, deed_page, wanted=DeedFilter(kind="lead")) == []
        assert "close_person" in names(
            ask(system, deed_page, wanted=DeedFilter(kind="user_account", record_id=user_id))
        )

    def test_is_refused_to_those_who_sell(self, people: dict[Role, Actor]) -> None:
        with pytest.raises(NotAllowed):
            ask(people[Role.SALES], deed_page, wanted=DeedFilter())


class TestRecordDeeds:
    def test_tells_one_records_story(self, database: Engine, system: Actor, clock: datetime) -> None:
        first = do(system, add_user, at=clock, name="Léa", email="lea@example.ch", roles=[Role.SALES])
        do(system, add_user, at=clock, name="Noé", email="noe@example.ch", roles=[Role.SALES])

        with reading() as session:
            [deed] = record_deeds(session, kind="user_account", record_id=first)

        assert [change.after["name"] for change in deed.changes if change.after] == ["Léa"]
        assert set(ask(system, recorded_kinds)) == {"user_account", "user_role"}
