"""The invented firm is the same for the same seed, believable, and never knows the future."""

from collections import defaultdict
from datetime import UTC, datetime

from app.demo.world import STOPPAGE, PlannedLead, leads

UNTIL = datetime(2026, 11, 24, 8, tzinfo=UTC)


def rate(some: list[PlannedLead]) -> float:
    closed = [lead for lead in some if lead.won is not None]
    return sum(bool(lead.won) for lead in closed) / len(closed)


class TestLeads:
    def test_are_the_same_for_the_same_seed(self) -> None:
        assert list(leads(80, seed=7, until=UNTIL)) == list(leads(80, seed=7, until=UNTIL))

    def test_differ_for_another_seed(self) -> None:
        assert list(leads(80, seed=7, until=UNTIL)) != list(leads(80, seed=8, until=UNTIL))

    def test_arrive_in_order_and_nothing_happens_in_the_future(self) -> None:
        made = list(leads(700, seed=1, until=UNTIL))

        assert [lead.received_at for lead in made] == sorted(lead.received_at for lead in made)
        assert all(lead.received_at < (lead.closed_at or UNTIL) <= UNTIL for lead in made)
        assert all(lead.received_at < e.at < (lead.closed_at or UNTIL) for lead in made for e in lead.exchanges)

    def test_leave_some_open_and_lose_none_without_a_reason(self) -> None:
        made = list(leads(700, seed=1, until=UNTIL))

        assert 30 <= sum(lead.won is None for lead in made) <= 120
        assert all((lead.lost_reason is not None) == (lead.won is False) for lead in made)

    def test_follow_the_season_and_the_stoppage(self) -> None:
        made = list(leads(20_000, seed=3, until=UNTIL))
        by_month = defaultdict(int)
        for lead in made:
            by_month[lead.received_at.month] += 1
        cabling = [lead for lead in made if lead.need == "Câblage de haubans"]
        stopped = [lead for lead in cabling if STOPPAGE[0] <= lead.received_at.date() <= STOPPAGE[1]]

        assert by_month[2] > 1.4 * by_month[8]
        assert rate(stopped) < rate(cabling) / 2

    def test_recommended_leads_sign_more_often(self) -> None:
        made = list(leads(5_000, seed=4, until=UNTIL))

        recommended = [lead for lead in made if lead.source == "Recommandation"]
        written_to = [lead for lead in made if lead.source == "LinkedIn"]

        assert rate(recommended) > rate(written_to) + 0.2
