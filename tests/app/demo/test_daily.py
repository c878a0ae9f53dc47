"""The daily round of the demonstration: hours, closed months and bills, through the screens' own actions."""

from datetime import datetime

import pytest

from app.demo.daily import BUYER, HR, MANAGER, WORKERS, daily_round
from app.demo.play import Player
from app.doors import ask, do
from db.access.company.actions import found_company
from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from db.people.hours.queries import own_clock
from db.purchasing.bills.listing.queries import BILL_QUESTIONS, SHAPE
from db.records.listing.rules import read_request


class TestDailyRound:
    @pytest.mark.usefixtures("database")
    def test_fills_hours_and_bills(self, clock: datetime) -> None:
        system, manager = system_actor(), (MANAGER, Role.MANAGER)
        do(system, found_company, at=clock, name="Ateliers du Léman SA", uid="")
        people = {
            name: do(system, add_user, at=clock, name=name, email=f"p{number}@example.ch", roles=[role])
            for number, (name, role) in enumerate(
                [*((one, Role.WAREHOUSE) for one in WORKERS), (BUYER, Role.PURCHASING), (HR, Role.HR), manager]
            )
        }

        hours, bills = daily_round(Player(people, {}), clock)

        buyer = Actor(people[BUYER], BUYER, frozenset({Role.PURCHASING}))
        counts = ask(buyer, BILL_QUESTIONS.counts, request=read_request("", SHAPE), by=buyer)
        worker = Actor(people[WORKERS[0]], WORKERS[0], frozenset({Role.WAREHOUSE}))
        assert (bills, counts.total, hours > 150) == (12, 12, True)
        assert dict(counts.chips["state"]) == {"entered": 6, "discarded": 1, "to_enter": 5}
        assert ask(worker, own_clock, by=worker, at=clock).since is not None
