"""Clocking, typing and reckoning hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.doors import ask, do
from app.session import actor_of_user
from db.access.policy.actions import set_reach
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.findings import BadFields
from db.people.hours.actions import (
    AlreadyAtWork,
    Forgotten,
    NotAtWork,
    add_span,
    clock_in,
    clock_out,
    edit_span,
    remove_span,
)
from db.people.hours.listing.actions import change_spans
from db.people.hours.listing.queries import SHAPE, SPAN_QUESTIONS
from db.people.hours.queries import own_clock, span_facts
from db.people.hours.rules import Span, SpanDraft, check_span, minutes_by_day, remarks
from db.records.listing.changes import Change
from db.records.listing.rules import read_request
from db.records.undo.actions import undo_deed
from db.session import transaction

People = dict[Role, Actor]
HOUR = timedelta(hours=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


class TestMinutesByDay:
    def test_divides_work_over_midnight(self) -> None:
        night = Span(utc(2026, 11, 23, 21, 0), utc(2026, 11, 24, 5, 0), 30)  # 22:00 to 6:00 in Switzerland

        assert minutes_by_day([night]) == {date(2026, 11, 23): 90, date(2026, 11, 24): 360}

    @pytest.mark.parametrize(
        ("begins", "ends", "worked"),
        [
            (utc(2026, 10, 24, 20, 0), utc(2026, 10, 25, 5, 0), 9 * 60),  # an hour more than the clock on the wall says
            (utc(2027, 3, 27, 21, 0), utc(2027, 3, 28, 4, 0), 7 * 60),  # an hour less
        ],
    )
    def test_counts_what_elapsed_when_clocks_change(self, begins: datetime, ends: datetime, worked: int) -> None:
        assert sum(minutes_by_day([Span(begins, ends)]).values()) == worked

    def test_takes_a_break_off_the_day_on_which_work_began(self) -> None:
        late = Span(utc(2026, 11, 23, 22, 50), utc(2026, 11, 24, 1, 0), 25)

        assert minutes_by_day([late]) == {date(2026, 11, 23): 0, date(2026, 11, 24): 105}


class TestCheckSpan:
    @pytest.mark.parametrize(
        ("field", "values"),
        [
            ("started_at", {"started_at": utc(2026, 11, 25, 8, 0), "ended_at": utc(2026, 11, 25, 9, 0)}),
            ("ended_at", {"ended_at": utc(2026, 11, 23, 6, 0)}),
            ("ended_at", {"ended_at": utc(2026, 11, 24, 7, 0)}),
            ("break_minutes", {"break_minutes": 600}),
            ("break_began_at", {"break_minutes": 30}),
            ("break_began_at", {"break_minutes": 30, "break_began_at": utc(2026, 11, 22, 8, 0)}),
            ("note", {"note": "x" * 501}),
        ],
    )
    def test_says_which_value_will_not_do(self, clock: datetime, field: str, values: dict[str, Any]) -> None:
        given = {"started_at": utc(2026, 11, 23, 7, 0), "ended_at": utc(2026, 11, 23, 11, 0), **values}

        with pytest.raises(BadFields) as refusal:
            check_span(SpanDraft(UUID(int=1), **given), now=clock)

        assert [one.field for one in refusal.value.findings if one.field == field]


class TestRemarks:
    def test_name_a_missing_break_and_a_short_rest(self) -> None:
        spans = [
            Span(utc(2026, 11, 23, 7, 0), utc(2026, 11, 23, 17, 0)),
            Span(utc(2026, 11, 23, 18, 0), utc(2026, 11, 23, 21, 0)),
            Span(utc(2026, 11, 24, 5, 0), utc(2026, 11, 24, 9, 0)),
        ]

        found = remarks(spans, most_week_minutes=45 * 60)

        assert [(one.day.day, one.message_id.split()[0]) for one in found] == [(24, "Repos")]
        assert remarks(spans[:1], most_week_minutes=45 * 60)[0].params["needed"] == 60

    def test_name_a_long_week(self) -> None:
        spans = [Span(utc(2026, 11, day, 6, 0), utc(2026, 11, day, 16, 0), 60) for day in (23, 24, 25, 26, 27, 28)]

        assert [one.message_id for one in remarks(spans, most_week_minutes=50 * 60)] == [
            "Semaine de {worked} (au plus {most})"
        ]
        assert remarks(spans[:5], most_week_minutes=45 * 60) == []


@pytest.mark.usefixtures("database")
class Hours:
    @pytest.fixture(autouse=True)
    def _people(self, people: People, clock: datetime) -> None:
        self.people, self.clock = people, clock
        self.worker, self.hr, self.sales = people[Role.WAREHOUSE], people[Role.HR], people[Role.SALES]

    def typed(self, by: Actor, hours: tuple[int, int], *, day: int = 23, of: Actor | None = None, **more: Any) -> UUID:
        owner_id = (of or by).user_id
        assert owner_id
        begins, ends = (utc(2026, 11, day, hour) for hour in hours)
        reason = more.pop("reason", "")
        return do(by, add_span, at=self.clock, draft=SpanDraft(owner_id, begins, ends, **more), reason=reason)


class TestClock(Hours):
    def test_goes_in_and_out(self) -> None:
        do(self.worker, clock_in, at=self.clock - HOUR * 2, task="Débit")

        running = ask(self.worker, own_clock, by=self.worker, at=self.clock)
        assert (running.since, running.task, running.today_minutes) == (self.clock - HOUR * 2, "Débit", 120)

        do(self.worker, clock_out, at=self.clock)

        done = ask(self.worker, own_clock, by=self.worker, at=self.clock + HOUR)
        assert (done.since, done.today_minutes, done.week_minutes) == (None, 120, 120)

    def test_does_not_go_in_twice_nor_out_without_being_in(self) -> None:
        do(self.worker, clock_in, at=self.clock)

        with pytest.raises(AlreadyAtWork, match="09:00"):
            do(self.worker, clock_in, at=self.clock + HOUR)
        with pytest.raises(NotAtWork):
            do(self.sales, clock_out, at=self.clock)

    def test_takes_back_less_than_a_minute(self) -> None:
        do(self.worker, clock_in, at=self.clock)
        do(self.worker, clock_out, at=self.clock + timedelta(seconds=20))

        assert ask(self.worker, own_clock, by=self.worker, at=self.clock).spans == []

    def test_asks_when_somebody_forgot_to_go_out(self) -> None:
        span_id = do(self.worker, clock_in, at=self.clock - HOUR * 24)

        with pytest.raises(Forgotten, match="indiquez l’heure"):
            do(self.worker, clock_out, at=self.clock)

        do(
            self.worker,
            edit_span,
            at=self.clock,
            span_id=span_id,
            expected_version=1,
            values={"ended_at": self.clock - HOUR * 16},
        )
        assert ask(self.worker, own_clock, by=self.worker, at=self.clock).since is None

    def test_lets_one_open_stretch_stand_in_the_database(self) -> None:
        do(self.worker, clock_in, at=self.clock)

        with pytest.raises(DBAPIError), transaction() as session:
            session.connection().execute(
                COPY, {"id": UUID(int=5).hex, "begins": "2026-12-24 09:00:00.000000", "ends": None}
            )


COPY = text(
    "insert into work_span (id, created_at, updated_at, row_version, owner_id, started_at, ended_at, break_minutes, "
    "task, note, source, reason, hours, search_number) "
    "select :id, created_at, updated_at, 1, owner_id, :begins, :ends, 0, '', '', 'typed', '', 0, 999999 from work_span"
)


class TestOverlaps(Hours):
    def test_are_refused_in_words(self) -> None:
        self.typed(self.worker, (7, 11))

        with pytest.raises(BadFields, match=r"recouvrent d’autres, du 23\.11\.2026 à 08:00"):
            self.typed(self.worker, (10, 12))
        self.typed(self.worker, (11, 12))  # one begins where the other ends
        self.typed(self.sales, (7, 11))  # other people are others

    @pytest.mark.parametrize("hours", [("06:00", "07:30"), ("08:00", "09:00"), ("06:00", "12:00"), ("10:59", None)])
    def test_are_refused_by_the_database(self, hours: tuple[str, str | None]) -> None:
        self.typed(self.worker, (7, 11))
        begins, ends = (f"2026-11-23 {one}:00.000000" if one else None for one in hours)

        with pytest.raises(DBAPIError, match="never overlap"), transaction() as session:
            session.connection().execute(COPY, {"id": UUID(int=5).hex, "begins": begins, "ends": ends})

    def test_are_refused_by_the_database_when_changed(self) -> None:
        self.typed(self.worker, (7, 11))
        self.typed(self.worker, (12, 13))

        with pytest.raises(DBAPIError, match="never overlap"), transaction() as session:
            session.connection().execute(
                text("update work_span set ended_at = '2026-11-23 12:30:00.000000' where hours = 4 or hours = 400")
            )


class TestPuttingRight(Hours):
    def test_is_for_the_person_and_for_those_who_manage_hours(self) -> None:
        span_id = self.typed(self.worker, (7, 11))

        with pytest.raises(NotFound):
            do(self.sales, edit_span, at=self.clock, span_id=span_id, expected_version=1, values={"note": "x"})
        with pytest.raises(BadInput, match="motif"):
            do(self.hr, edit_span, at=self.clock, span_id=span_id, expected_version=1, values={"note": "x"})

        do(
            self.hr,
            edit_span,
            at=self.clock,
            span_id=span_id,
            expected_version=1,
            values={"note": "x"},
            reason="Feuille papier",
        )

        facts = ask(self.worker, span_facts, span_id=span_id, by=self.worker)
        assert (facts.note, facts.reason) == ("x", "Feuille papier")

    def test_says_when_somebody_was_faster(self) -> None:
        span_id = self.typed(self.worker, (7, 11))
        do(self.worker, edit_span, at=self.clock, span_id=span_id, expected_version=1, values={"note": "a"})

        with pytest.raises(ChangedMeanwhile):
            do(self.worker, edit_span, at=self.clock, span_id=span_id, expected_version=1, values={"note": "b"})

    def test_takes_hours_away(self) -> None:
        span_id = self.typed(self.worker, (7, 11))

        do(self.worker, remove_span, at=self.clock, span_id=span_id)

        with pytest.raises(NotFound):
            ask(self.worker, span_facts, span_id=span_id, by=self.worker)

    def test_does_not_write_for_others(self) -> None:
        with pytest.raises(NotAllowed):
            self.typed(self.worker, (7, 11), of=self.sales, reason="pour elle")

    def test_is_undone(self) -> None:
        span_id = self.typed(self.worker, (7, 11))
        change = Change(span_id, {"note": "x", "reason": "Essai"})
        done = do(self.hr, change_spans, at=self.clock, changes=[change])

        do(self.hr, undo_deed, at=self.clock, undoes=done.deed_id)

        assert ask(self.hr, span_facts, span_id=span_id, by=self.hr).note == ""


class TestList(Hours):
    def test_shows_hours_with_their_total(self) -> None:
        self.typed(self.worker, (7, 11), task="Débit")
        self.typed(self.sales, (7, 9), break_minutes=10)
        request = read_request("", SHAPE)

        page = ask(self.hr, SPAN_QUESTIONS.page, request=request, by=self.hr)
        counts = ask(self.hr, SPAN_QUESTIONS.counts, request=request, by=self.hr)

        assert sorted(str(row.hours) for row in page.rows) == ["1.83", "4.00"]
        assert str(counts.amount) == "5.83"

    def test_finds_them_by_what_was_done(self) -> None:
        self.typed(self.worker, (7, 11), task="Pose à Morges")
        self.typed(self.worker, (12, 15))

        page = ask(self.hr, SPAN_QUESTIONS.page, request=read_request("q=morges", SHAPE), by=self.hr)

        assert [row.task for row in page.rows] == ["Pose à Morges"]

    def test_keeps_to_whom_one_reaches(self) -> None:
        admin = self.people[Role.ADMINISTRATOR]
        self.typed(self.worker, (7, 11))
        self.typed(self.hr, (7, 11))
        do(admin, set_reach, at=self.clock, role="hr", permission="people.read_hours", reach="own")
        assert self.hr.user_id
        narrowed = actor_of_user(self.hr.user_id)

        page = ask(narrowed, SPAN_QUESTIONS.page, request=read_request("", SHAPE), by=narrowed)

        assert [row.owner_id for row in page.rows] == [self.hr.user_id]

    def test_is_not_for_everybody(self) -> None:
        with pytest.raises(NotAllowed):
            ask(self.worker, SPAN_QUESTIONS.page, request=read_request("", SHAPE), by=self.worker)
