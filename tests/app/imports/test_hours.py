"""Hours of work out of files: whose they are, no line twice, put right by a second file, undone."""

from datetime import UTC, datetime, time

import pytest
from sqlmodel import col, select

from app.doors import do
from app.imports import steps
from db.access.rules import Actor, Role
from db.kernel.errors import NotAllowed
from db.people.hours.actions import edit_span
from db.people.hours.intake.rules import at_on, clock_time, minutes_in
from db.people.hours.tables import WorkSpan
from db.session import reading
from tests.app.imports.files import counts, imported, left, opened, reasons

FILE = """Collaborateur;Date;De;À;Pause;Début de la pause;Projet;Remarque
Sales;16.11.2026;07:30;17:15;45;12:00;Atelier;
sales@example.ch;17.11.2026;7h30;12h;;;Atelier;Pluie
Warehouse;16.11.2026;22:00;06:00;;;Nuit;
"""


@pytest.fixture
def hr(people: dict[Role, Actor]) -> Actor:
    """Who may bring hours in."""
    return people[Role.HR]


def spans() -> list[WorkSpan]:
    with reading() as session:
        return list(session.exec(select(WorkSpan).order_by(col(WorkSpan.started_at))))


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


class TestHours:
    def test_come_in_with_their_breaks_and_over_midnight(self, hr: Actor, people: dict[Role, Actor]) -> None:
        done = imported(FILE, hr, kind="hours")

        assert counts(done) == (3, 0, 0, 0)
        seller, keeper = people[Role.SALES].user_id, people[Role.WAREHOUSE].user_id
        assert [(one.owner_id, one.started_at, one.ended_at, one.break_minutes) for one in spans()] == [
            (seller, utc(16, 6, 30), utc(16, 16, 15), 45),
            (keeper, utc(16, 21), utc(17, 5), 0),
            (seller, utc(17, 6, 30), utc(17, 11), 0),
        ]
        assert {one.source for one in spans()} == {"import"}

    def test_are_put_right_by_a_second_file_and_never_twice(self, hr: Actor) -> None:
        imported(FILE, hr, kind="hours")

        again = imported(FILE.replace("12h;", "12h30;"), hr, kind="hours")

        assert counts(again) == (0, 3, 2, 0)
        assert [one.ended_at for one in spans()] == [utc(16, 16, 15), utc(17, 5), utc(17, 11, 30)]

    def test_that_cannot_be_are_refused_line_by_line(self, hr: Actor) -> None:
        text = FILE + (
            "Personne Nulle;18.11.2026;08:00;12:00;;;;\n"
            "Sales;16.11.2026;09:00;10:00;;;;\n"
            "Sales;18.11.2026;8 heures;12:00;;;;\n"
            "Sales;19.11.2026;08:00;17:00;45;;;\n"
        )
        import_id = opened(text, hr, kind="hours")
        assert steps.check(import_id, by=hr).rows == 7
        steps.begin(import_id, with_job=False, by=hr)

        done = steps.write(import_id, by=hr)

        assert counts(done) == (3, 0, 0, 4)
        said = {line: why for line, _, why in reasons(import_id, hr)}
        assert "n’est pas une personne" in said[5]
        assert "recouvrent" in said[6]
        assert "n’est pas une heure" in said[7]
        assert "quand la pause a commencé" in said[8]

    def test_are_undone_but_for_those_changed_since(self, hr: Actor) -> None:
        import_id = imported(FILE, hr, kind="hours").import_id
        first = spans()[0]
        change = {"span_id": first.id, "values": {"task": "Pose"}, "reason": "Faux projet", "expected_version": 1}
        do(hr, edit_span, **change)

        result = steps.undo(import_id, by=hr)

        assert (result["removed"], result["left"]) == (2, 1)
        assert [(name, field) for name, field, _ in left(import_id, hr)] == [("Sales, 16.11.2026", "")]
        assert [one.id for one in spans()] == [first.id]

    def test_give_known_ones_their_values_back(self, hr: Actor) -> None:
        imported(FILE, hr, kind="hours")
        before = [one.model_dump(exclude={"row_version", "updated_at"}) for one in spans()]
        again = imported(FILE.replace("Pluie", "Neige").replace("17:15", "17:00"), hr, kind="hours")

        assert steps.undo(again.import_id, by=hr)["restored"] == 2
        assert [one.model_dump(exclude={"row_version", "updated_at"}) for one in spans()] == before

    def test_are_for_who_manages_hours(self, people: dict[Role, Actor]) -> None:
        with pytest.raises(NotAllowed):
            opened(FILE, people[Role.SALES], kind="hours")


class TestClockTime:
    @pytest.mark.parametrize("text", ["7:30", "07:30", "07.30", "7h30", "0730", "730", "07:30:00", " 7 h 30 "])
    def test_reads_what_people_write(self, text: str) -> None:
        assert clock_time(text) == time(7, 30)

    @pytest.mark.parametrize("text", ["", "huit", "25:00", "7:75", "-7:30", "12345"])
    def test_knows_what_is_none(self, text: str) -> None:
        assert clock_time(text) is None

    def test_goes_to_the_next_day_where_it_must_come_later(self) -> None:
        begin = at_on(datetime(2026, 11, 16, tzinfo=UTC).date(), time(22))

        assert at_on(datetime(2026, 11, 16, tzinfo=UTC).date(), time(6), after=begin) == utc(17, 5)


class TestMinutesIn:
    def test_reads_minutes_and_hours(self) -> None:
        assert [minutes_in(text) for text in ("45", "45 min", "0:45", "1h", "1h15", "demi")] == [
            45,
            45,
            45,
            60,
            75,
            None,
        ]
