"""Messages arrive: signed, in order, again after a failure, each handled once, and only what the person may know."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.doors import ask, do
from app.webhooks import courier
from app.webhooks.messages import trial
from app.worker import run_reactions
from db.access.people.actions import add_user, close_person
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.jobs.webhooks import actions, queries
from db.jobs.webhooks.rules import GIVEN_UP, DeliveryState
from db.records.notifications.queries import messages
from db.session import open_company
from tests.app.webhooks.receiver import Receiver, receiving
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]


@pytest.fixture
def boss(people: People) -> Actor:
    """The administrator."""
    return people[Role.ADMINISTRATOR]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A program on this machine."""
    with receiving() as running:
        yield running


@pytest.fixture
def webhook_id(boss: Actor, receiver: Receiver, clock: datetime) -> UUID:
    """A webhook to the program, of a company that sends webhooks also within its own network."""
    decide(boss, clock, is_on=True)
    made, receiver.secret = do(boss, actions.add_webhook, url=receiver.url, events=["crm.lead_created"], at=clock)
    return UUID(str(made))


def decide(boss: Actor, at: datetime, *, is_on: bool, allows_private: bool = True) -> None:
    version = ask(boss, queries.policy).row_version
    do(boss, actions.decide_webhooks, is_on=is_on, allows_private=allows_private, expected_version=version, at=at)


def created(people: People, at: datetime, *names: str) -> None:
    for name in names:
        do(people[Role.SALES], create_lead, draft=make_draft(name=name), at=at)
    run_reactions()


def send_all(at: datetime) -> int:
    """Send until nothing is due; return how many were sent."""
    sent = 0
    while courier.send_next(open_company(), at):
        sent += 1
    return sent


def later(at: datetime) -> datetime:
    """Return a moment at which everything written by now is due; the door reads the real clock."""
    return at + timedelta(days=36_500)


def states(boss: Actor, webhook_id: UUID) -> list[DeliveryState]:
    return [one.state for one in ask(boss, queries.deliveries, webhook_id=webhook_id)]


class TestCourier:
    def test_delivers_signed_and_in_order(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        created(people, clock, "Un", "Deux", "Trois")

        send_all(later(clock))

        assert [one["genuine"] for one in receiver.got] == [True, True, True]
        assert [one["body"]["data"]["record"]["name"] for one in receiver.got] == ["Un", "Deux", "Trois"]
        assert {one["body"]["type"] for one in receiver.got} == {"crm.lead_created"}
        assert states(boss, webhook_id) == [DeliveryState.DONE] * 3

    def test_tries_again_after_an_error_without_overtaking(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        receiver.answers = [500, 503]
        created(people, clock, "Un", "Deux")
        at = later(clock)

        assert send_all(at) == 1  # the second waits for the first
        assert send_all(at + timedelta(seconds=4)) == 0
        assert send_all(at + timedelta(seconds=5)) == 1
        assert send_all(at + timedelta(minutes=2)) == 2

        assert [one["body"]["data"]["record"]["name"] for one in receiver.got] == ["Un", "Un", "Un", "Deux"]
        assert len({one["id"] for one in receiver.got[:3]}) == 1
        assert [one["data"]["record"]["name"] for one in receiver.handled.values()] == ["Un", "Deux"]
        first = ask(boss, queries.deliveries, webhook_id=webhook_id)[1]
        assert [attempt.status for attempt in first.attempts] == [204, 503, 500]

    def test_writes_one_message_however_often_the_reaction_runs(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        from app.webhooks.reactions import tell_programs
        from db.access.rules import system_actor
        from db.jobs.queries import waiting_events
        from db.session import reading

        do(people[Role.SALES], create_lead, draft=make_draft(), at=clock)
        with reading() as session:
            [event] = [one for one in waiting_events(session) if one.kind == "crm.lead_created"]
            session.expunge_all()

        for _ in range(3):
            tell_programs(event, system_actor())

        assert len(states(boss, webhook_id)) == 1

    def test_gives_up_after_a_day_and_says_so(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        receiver.answers = [500] * 50
        created(people, clock, "Un", "Deux")
        at = later(clock)
        while send_all(at):
            at += timedelta(hours=4)

        found = ask(boss, queries.webhook, webhook_id=webhook_id)
        assert (found.disabled_at is not None, found.problem) == (True, "HTTP 500")
        assert at - later(clock) <= GIVEN_UP + timedelta(hours=8)
        assert states(boss, webhook_id) == [DeliveryState.WAITING, DeliveryState.FAILED]
        run_reactions()
        [told] = ask(boss, messages, by=boss)
        assert told.params["url"] == receiver.url

    def test_goes_on_when_switched_on_again(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        do(boss, actions.switch_webhook, webhook_id=webhook_id, is_on=False, at=clock)
        created(people, clock, "Un")
        assert (send_all(later(clock)), states(boss, webhook_id)) == (0, [])

        do(boss, actions.switch_webhook, webhook_id=webhook_id, is_on=True, at=clock)
        created(people, clock, "Deux")

        assert send_all(later(clock)) == 1

    def test_sends_again_by_hand_under_the_same_id(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        created(people, clock, "Un")
        send_all(later(clock))
        [delivery] = ask(boss, queries.deliveries, webhook_id=webhook_id)

        do(boss, actions.send_again, delivery_id=delivery.id, at=clock)
        send_all(later(clock))

        assert len(receiver.got) == 2
        assert len(receiver.handled) == 1

    def test_takes_up_a_message_whose_sender_died(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        from db.access.rules import system_actor
        from db.session import transaction

        created(people, clock, "Un")
        at = later(clock)
        with transaction() as session:
            assert actions.take_parcel(session, by=system_actor(), at=at) is not None

        assert send_all(at + timedelta(seconds=59)) == 0
        assert send_all(at + timedelta(seconds=60)) == 1

    def test_counts_the_late_answer_of_a_sender_that_was_taken_for_dead(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        created(people, clock, "Un")
        at = later(clock)
        slow = courier._take(open_company(), at)
        assert slow is not None
        assert send_all(at + timedelta(seconds=60)) == 1

        courier._send(open_company(), slow, at + timedelta(seconds=61))

        assert [one["id"] for one in receiver.got] == [f"msg_{slow.delivery_id.hex}"] * 2
        assert (len(receiver.handled), states(boss, webhook_id)) == (1, [DeliveryState.DONE])

    def test_lets_no_slow_program_hold_up_another(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        answers, over = threading.Event(), threading.Event()
        with receiving(waits_for=answers) as slow:
            _, slow.secret = do(boss, actions.add_webhook, url=slow.url, events=["crm.lead_created"], at=clock)
            created(people, clock, "Un", "Deux")
            threading.Thread(target=courier.serve, args=(over,), daemon=True).start()
            try:
                assert receiver.handles(2)
                assert slow.handled == {}
                answers.set()
                assert slow.handles(2)
            finally:
                over.set()
                answers.set()
        assert len(slow.got) == 2

    def test_sends_nothing_unless_the_company_switched_it_on(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        created(people, clock, "Un")
        decide(boss, clock, is_on=False)
        created(people, clock, "Deux")

        assert send_all(later(clock)) == 0
        assert receiver.got == []

    def test_does_not_reach_into_the_network_unless_the_company_allows_it(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        created(people, clock, "Un")
        decide(boss, clock, is_on=True, allows_private=False)

        send_all(later(clock))

        assert receiver.got == []
        [delivery] = ask(boss, queries.deliveries, webhook_id=webhook_id)
        assert delivery.attempts[0].problem == "L’adresse 127.0.0.1 n’est pas permise pour un webhook."

    def test_stops_when_its_person_has_left(
        self, people: People, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime, system: Actor
    ) -> None:
        do(system, add_user, name="Zoé", email="zoe@example.ch", roles=[Role.ADMINISTRATOR], at=clock)
        do(system, close_person, user_id=boss.user_id, to_user=people[Role.MANAGER].user_id, at=clock)

        created(people, clock, "Un")

        [found] = ask(system, queries.webhooks)
        assert found.problem == "La personne de ce webhook ne travaille plus ici."
        assert send_all(later(clock)) == 0


class TestMessage:
    def test_leaves_out_what_its_person_may_not_read(
        self, people: People, receiver: Receiver, webhook_id: UUID, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from app.webhooks import reactions

        nobody = replace(people[Role.WAREHOUSE], via="api")
        monkeypatch.setattr(reactions, "actor_of_user", lambda user_id, via: nobody)

        created(people, clock, "Un")

        assert send_all(later(clock)) == 0

    def test_of_a_trial_says_only_that_it_is_one(
        self, boss: Actor, receiver: Receiver, webhook_id: UUID, clock: datetime
    ) -> None:
        do(boss, actions.ping, webhook_id=webhook_id, body=trial(clock), at=clock)

        send_all(later(clock))

        assert receiver.got[0]["body"] == {"type": "webhook.ping", "timestamp": clock.isoformat(), "data": {}}
