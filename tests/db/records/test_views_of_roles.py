"""Pinned views, and the view with which a role begins."""

from datetime import datetime
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.records.views.actions import begin_with_view, pin_view, remove_view, save_view
from db.records.views.queries import View, saved_views

People = dict[Role, Actor]


def saved(by: Actor, at: datetime, name: str = "À rappeler", *, shared: bool) -> UUID:
    made: UUID = do(by, save_view, kind="lead", name=name, query="state=new", shared=shared, at=at)
    return made


def seen(by: Actor) -> list[View]:
    return ask(by, saved_views, kind="lead", by=by)


class TestPinView:
    def test_is_ones_own_and_done_twice_is_done_once(self, people: People, clock: datetime) -> None:
        view = saved(people[Role.MANAGER], clock, shared=True)
        for _ in range(2):
            do(people[Role.SALES], pin_view, view_id=view, pinned=True, at=clock)

        assert [one.pinned for one in seen(people[Role.SALES])] == [True]
        assert [one.pinned for one in seen(people[Role.MANAGER])] == [False]
        do(people[Role.SALES], pin_view, view_id=view, pinned=False, at=clock)
        assert [one.pinned for one in seen(people[Role.SALES])] == [False]

    def test_of_a_view_of_somebody_elses_own_is_not_found(self, people: People, clock: datetime) -> None:
        view = saved(people[Role.MANAGER], clock, shared=False)

        with pytest.raises(NotFound):
            do(people[Role.SALES], pin_view, view_id=view, pinned=True, at=clock)
        assert seen(people[Role.SALES]) == []


class TestBeginWithView:
    def test_lets_the_people_of_a_role_begin_with_it(self, people: People, clock: datetime) -> None:
        manager = people[Role.MANAGER]
        first, second = (saved(manager, clock, name, shared=True) for name in ("Une", "Deux"))
        do(manager, begin_with_view, view_id=first, roles=["sales", "analyst"], at=clock)
        do(manager, begin_with_view, view_id=second, roles=["sales"], at=clock)

        assert {one.name: one.begins for one in seen(people[Role.SALES])} == {"Deux": True, "Une": False}
        assert {one.name: one.begins for one in seen(people[Role.ANALYST])} == {"Deux": False, "Une": True}
        do(manager, begin_with_view, view_id=second, roles=[], at=clock)
        assert not any(one.begins for one in seen(people[Role.SALES]))

    def test_wants_a_shared_view_and_roles_that_exist(self, people: People, clock: datetime) -> None:
        own = saved(people[Role.MANAGER], clock, shared=False)
        for roles in (["sales"], ["captain"]):
            with pytest.raises(BadInput):
                do(people[Role.MANAGER], begin_with_view, view_id=own, roles=roles, at=clock)
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], begin_with_view, view_id=own, roles=["sales"], at=clock)

    def test_ends_with_the_view(self, people: People, clock: datetime) -> None:
        view = saved(people[Role.MANAGER], clock, shared=True)
        do(people[Role.MANAGER], begin_with_view, view_id=view, roles=["sales"], at=clock)

        do(people[Role.MANAGER], remove_view, view_id=view, at=clock)

        assert seen(people[Role.SALES]) == []
