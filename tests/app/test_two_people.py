"""Two people at the very same moment on one record: one is first, the other is told in words, nothing is twice."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.access.tables import Deed
from db.crm.leads.actions import convert_lead, create_lead
from db.crm.opportunities.tables import Opportunity
from db.kernel.errors import BusinessError
from db.parties.actions import add_party, change_party
from db.parties.queries import party_card
from db.parties.rules import PartyDraft, PartyKind
from db.parties.tables import Party
from db.people.hours.actions import add_span, clock_in
from db.people.hours.rules import SpanDraft
from db.people.hours.tables import WorkSpan
from db.people.months.actions import close_month
from db.purchasing.bills.actions import receive_bill
from db.purchasing.bills.tables import Bill
from db.records.merging.actions import Merge, merge_records
from db.records.undo.actions import remove_record, undo_deed
from db.session import reading
from tests.db.crm.leads.make import make_draft
from tests.db.purchasing.test_bills import page

People = dict[Role, Actor]
Did = Callable[..., Any]


def at_once(deeds: Iterable[Callable[[], Any]]) -> list[Any]:
    """Do things at the same moment; return what each gave, or the refusal; anything else is a fault."""
    waiting = list(deeds)
    start = Barrier(len(waiting))

    def run(deed: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return deed()
        except BusinessError as refusal:
            return refusal

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


def refused(answers: list[Any]) -> list[str]:
    """Return what was refused, in words."""
    return [str(one) for one in answers if isinstance(one, BusinessError)]


def rows(table: Any) -> list[Any]:
    with reading() as session:
        return list(session.exec(select(table)))


@pytest.fixture
def two(people: People, clock: datetime) -> list[UUID]:
    """Two companies."""
    by = people[Role.SALES]
    return [do(by, add_party, draft=PartyDraft(PartyKind.COMPANY, f"Bornand {n} SA"), at=clock) for n in (1, 2)]


@pytest.mark.usefixtures("database")
class TestTwoPeople:
    def test_edit_one_field(self, people: People, two: list[UUID], clock: datetime) -> None:
        version = ask(people[Role.SALES], party_card, party_id=two[0]).row_version
        by = {"Nyon": people[Role.SALES], "Morges": people[Role.MANAGER]}

        answers = at_once(
            partial(
                do, one, change_party, party_id=two[0], values={"city": city}, expected_version=version, at=clock
            )
            for city, one in by.items()
        )  # fmt: skip

        assert len(refused(answers)) == 1
        winner = list(by)[next(place for place, one in enumerate(answers) if not isinstance(one, BusinessError))]
        assert ask(people[Role.SALES], party_card, party_id=two[0]).address.city == winner

    def test_merge_the_same_two_in_opposite_directions(self, people: People, two: list[UUID], clock: datetime) -> None:
        pairs = [(two[0], two[1]), (two[1], two[0])]

        answers = at_once(
            partial(do, people[role], merge_records, merge=Merge("party", *pair), at=clock)
            for role, pair in zip((Role.SALES, Role.MANAGER), pairs, strict=True)
        )

        assert len(refused(answers)) == 1
        assert len(rows(Party)) == 1

    def test_undo_the_same_deed(self, people: People, two: list[UUID], clock: datetime) -> None:
        do(people[Role.SALES], change_party, party_id=two[0], values={"city": "Nyon"}, expected_version=1, at=clock)
        with reading() as session:
            deed = session.exec(select(Deed).order_by(col(Deed.id).desc())).first()
        assert deed is not None

        answers = at_once(
            partial(do, people[role], undo_deed, undoes=deed.id, at=clock) for role in (Role.SALES, Role.MANAGER)
        )

        assert len(refused(answers)) == 1
        assert ask(people[Role.SALES], party_card, party_id=two[0]).address.city == ""

    def test_remove_what_the_other_edits(self, people: People, two: list[UUID], clock: datetime) -> None:
        edit = partial(
            do, people[Role.SALES], change_party, party_id=two[0], values={"city": "Nyon"}, expected_version=1, at=clock
        )
        remove = partial(do, people[Role.MANAGER], remove_record, table="party", record_id=two[0], at=clock)

        answers = at_once([edit, remove])

        assert not isinstance(
            answers[1], BusinessError
        )  # what was edited before is removed, what is gone is not edited
        assert [one.id for one in rows(Party)] == [two[1]]

    def test_convert_one_lead(self, people: People, clock: datetime) -> None:
        lead = do(people[Role.SALES], create_lead, draft=make_draft(), at=clock)

        answers = at_once(
            partial(do, people[role], convert_lead, lead_id=lead, at=clock) for role in (Role.SALES, Role.MANAGER)
        )

        assert len(refused(answers)) == 1
        assert len(rows(Opportunity)) == 1

    def test_hand_in_the_same_bill(self, people: People, clock: datetime) -> None:
        answers = at_once(
            partial(do, people[role], receive_bill, files=(page(1),), at=clock)
            for role in (Role.WAREHOUSE, Role.PURCHASING)
        )

        assert len(refused(answers)) == 1
        assert len(rows(Bill)) == 1

    def test_clock_in_at_two_doors(self, people: People, clock: datetime) -> None:
        answers = at_once(partial(do, people[Role.WAREHOUSE], clock_in, at=clock) for _ in range(2))

        assert len(refused(answers)) == 1
        assert len(rows(WorkSpan)) == 1

    def test_close_a_month_while_hours_are_added_to_it(self, people: People, clock: datetime) -> None:
        worker = people[Role.WAREHOUSE]
        assert worker.user_id is not None
        begins = clock - timedelta(days=35)
        draft = SpanDraft(worker.user_id, begins, begins + timedelta(hours=1))
        close = partial(
            do, people[Role.HR], close_month, owner_id=worker.user_id, month=date(2026, 10, 1), at=clock
        )  # fmt: skip

        answers = at_once([close, partial(do, worker, add_span, draft=draft, at=clock)])

        assert not isinstance(answers[0], BusinessError)
        assert len(rows(WorkSpan)) == 1 - len(refused(answers))  # added before the closing, or refused after it
