"""Who is told what, by which way, when, and how often."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from app.doors import ask, do
from db.access.people.actions import close_person
from db.access.rules import Actor, Role
from db.access.settings.actions import change_settings
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.records.notifications import actions, queries
from db.records.notifications.rules import Hours, Standing, Told, Topic, Way, most_valuable, read_minute
from db.session import reading


@pytest.fixture
def anne(people: dict[Role, Actor]) -> Actor:
    """A salesperson."""
    return people[Role.SALES]


def told(anne: Actor, *, topic: Topic = Topic.MENTION, once: str = "a", amount: str = "") -> Told:
    """Return something to tell her."""
    assert anne.user_id is not None
    return Told(
        anne.user_id,
        topic,
        once,
        "{name} a modifié {title}",
        {"name": "Marc", "title": once},
        amount=Decimal(amount) if amount else None,
    )


def tell(system: Actor, at: datetime, *some: Told) -> int:
    """Tell it."""
    return do(system, actions.tell, at=at, told=some)


def titles(anne: Actor) -> list[str]:
    """Return what her list of messages names."""
    return [one.params["title"] for one in ask(anne, queries.messages, by=anne)]


class TestTell:
    def test_is_counted_until_read(self, anne: Actor, system: Actor, clock: datetime) -> None:
        tell(system, clock, told(anne))
        [one] = ask(anne, queries.messages, by=anne)
        assert ask(anne, queries.count_unread, by=anne, at=clock) == 1

        do(anne, actions.mark_read, at=clock, message_id=one.id, is_read=True)

        assert ask(anne, queries.count_unread, by=anne, at=clock) == 0
        do(anne, actions.mark_read, at=clock, message_id=one.id, is_read=False)
        assert ask(anne, queries.count_unread, by=anne, at=clock) == 1
        do(anne, actions.mark_all_read, at=clock)
        assert ask(anne, queries.count_unread, by=anne, at=clock) == 0

    def test_the_same_thing_once(self, anne: Actor, system: Actor, clock: datetime) -> None:
        assert [tell(system, clock, told(anne)) for _ in range(3)] == [1, 0, 0]

    def test_not_to_who_wants_nothing(self, anne: Actor, system: Actor, clock: datetime) -> None:
        do(anne, actions.choose_ways, at=clock, ways={Topic.MENTION: Way.NONE})

        assert tell(system, clock, told(anne)) == 0

    def test_only_to_who_works_here(
        self, anne: Actor, people: dict[Role, Actor], system: Actor, clock: datetime
    ) -> None:
        do(system, close_person, at=clock, user_id=anne.user_id, to_user=people[Role.MANAGER].user_id)

        assert tell(system, clock, told(anne)) == 0

    def test_nobody_reads_or_marks_those_of_others(
        self, anne: Actor, people: dict[Role, Actor], system: Actor, clock: datetime
    ) -> None:
        tell(system, clock, told(anne))
        [one] = ask(anne, queries.messages, by=anne)

        assert ask(people[Role.MANAGER], queries.messages, by=people[Role.MANAGER]) == []
        with pytest.raises(NotFound):
            do(people[Role.MANAGER], actions.mark_read, at=clock, message_id=one.id, is_read=True)

    def test_no_person_tells_in_the_name_of_the_product(self, anne: Actor, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(anne, actions.tell, at=clock, told=[told(anne)])

    def test_nothing_about_a_record_that_is_out_of_reach(self, anne: Actor, system: Actor, clock: datetime) -> None:
        assert anne.user_id is not None
        gone = Told(anne.user_id, Topic.MENTION, "x", "Fiche modifiée", {}, kind="lead", record_id=uuid4())

        tell(system, clock, gone)

        assert ask(anne, queries.messages, by=anne) == []


class TestAlerts:
    def test_at_most_five_a_day_the_most_valuable_first(self, anne: Actor, system: Actor, clock: datetime) -> None:
        tell(system, clock, *[told(anne, topic=Topic.ALERT, once=str(n), amount=str(n * 1000)) for n in range(1, 9)])

        assert sorted(titles(anne)) == ["4", "5", "6", "7", "8"]

    def test_a_more_valuable_one_later_takes_the_place_of_one_not_read(
        self, anne: Actor, system: Actor, clock: datetime
    ) -> None:
        tell(system, clock, *[told(anne, topic=Topic.ALERT, once=str(n), amount=str(n * 1000)) for n in range(1, 6)])
        tell(system, clock + timedelta(hours=1), told(anne, topic=Topic.ALERT, once="9", amount="9000"))

        assert sorted(titles(anne)) == ["2", "3", "4", "5", "9"]

    def test_never_the_same_twice(self, anne: Actor, system: Actor, clock: datetime) -> None:
        one = told(anne, topic=Topic.ALERT, once="call-1", amount="10")

        assert [tell(system, clock + timedelta(days=n), one) for n in range(3)] == [1, 0, 0]

    def test_the_number_can_be_set(
        self, anne: Actor, people: dict[Role, Actor], system: Actor, clock: datetime
    ) -> None:
        do(people[Role.ADMINISTRATOR], change_settings, at=clock, values={"alerts.per_day": 1})

        tell(system, clock, *[told(anne, topic=Topic.ALERT, once=str(n), amount=str(n)) for n in range(1, 4)])

        assert titles(anne) == ["3"]

    def test_read_ones_keep_their_place(self) -> None:
        alerts = [Standing("a", Decimal(1), is_read=True), Standing("b", Decimal(5)), Standing("c", Decimal(9))]

        assert most_valuable(alerts, 2) == {"a", "c"}
        assert most_valuable(alerts, 0) == set()


class TestQuiet:
    def test_what_comes_at_night_is_counted_in_the_morning(self, anne: Actor, system: Actor, clock: datetime) -> None:
        night = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)  # nine in the evening
        tell(system, night, told(anne))

        assert ask(anne, queries.count_unread, by=anne, at=night) == 0
        assert ask(anne, queries.count_unread, by=anne, at=night + timedelta(hours=10)) == 1
        assert len(ask(anne, queries.messages, by=anne)) == 1  # who looks finds it

    def test_hours_are_chosen(self, anne: Actor, system: Actor, clock: datetime) -> None:
        night = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
        do(anne, actions.choose_hours, at=clock, hours=Hours(digest_at=450, quiet_from=0, quiet_to=0))

        tell(system, night, told(anne))

        assert ask(anne, queries.count_unread, by=anne, at=night) == 1
        with pytest.raises(BadInput):
            do(anne, actions.choose_hours, at=clock, hours=Hours(digest_at=2000))

    @pytest.mark.parametrize("typed", ["", "7h30", "25:00", "12:60", "١٢:00x"])
    def test_a_time_is_a_time(self, typed: str) -> None:
        with pytest.raises(BadInput):
            read_minute(typed)


def due(at: datetime) -> list[UUID]:
    """Return whose digest is due."""
    with reading() as session:
        return queries.people_with_digest(session, at=at)


class TestDigest:
    def test_waits_for_her_hour_and_comes_once(
        self, anne: Actor, system: Actor, clock: datetime, database: Engine
    ) -> None:
        tell(system, clock - timedelta(days=1), told(anne))
        early = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)

        assert due(early) == []
        assert due(early + timedelta(minutes=30)) == [anne.user_id]
        assert len(do(system, actions.make_digests, at=clock)) == 1
        assert do(system, actions.make_digests, at=clock) == []

    def test_not_on_a_sunday(self, anne: Actor, system: Actor) -> None:
        saturday = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
        tell(system, saturday - timedelta(days=1), told(anne))

        assert due(saturday) == [anne.user_id]
        assert due(saturday + timedelta(days=1)) == []

    def test_what_was_read_is_not_repeated_by_mail(self, anne: Actor, system: Actor, clock: datetime) -> None:
        tell(system, clock, told(anne))
        do(anne, actions.mark_all_read, at=clock)

        assert due(clock) == []

    def test_one_that_was_begun_is_not_sent_again(self, anne: Actor, system: Actor, clock: datetime) -> None:
        tell(system, clock, told(anne))
        [digest_id] = do(system, actions.make_digests, at=clock)

        assert do(system, actions.begin_digest, at=clock, digest_id=digest_id)
        assert not do(system, actions.begin_digest, at=clock, digest_id=digest_id)

    def test_what_the_server_refused_waits_for_tomorrow(self, anne: Actor, system: Actor, clock: datetime) -> None:
        tell(system, clock, told(anne))
        [digest_id] = do(system, actions.make_digests, at=clock)
        do(system, actions.begin_digest, at=clock, digest_id=digest_id)
        do(system, actions.end_digest, at=clock, digest_id=digest_id, problem="refusé")

        assert due(clock) == []
        assert due(clock + timedelta(days=1)) == [anne.user_id]
