"""What the pages of models read: states, record so far, and what is wrong with the live version."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.doors import do, now
from app.insights import job as jobs
from app.insights import models, review_state
from db.access.rules import Actor, Role
from db.crm.leads.actions import lose_lead
from db.documents import store
from db.kernel.errors import NotFound
from tests.app.insights.make import MODEL, facts_of, past_and_present, put_live, work

People = dict[Role, Actor]


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check in this process and leave freezing out: both start processes and have their own tests."""
    monkeypatch.setattr(jobs, "freeze", lambda facts: (None, "pas ici"))
    monkeypatch.setattr(
        jobs, "run_apart", lambda task, material, report: json.loads(json.dumps(task(material, report)))
    )


@pytest.fixture
def ready(people: People) -> People:
    """People whose second factor is fresh by the real clock, and a live version."""
    for role, actor in people.items():
        people[role] = replace(actor, fresh_until=now() + timedelta(hours=1))
    return people


class TestModels:
    def test_counts_only_what_came_true_after_the_announcement(self, ready: People) -> None:
        lead = past_and_present(ready[Role.SALES], now())[-1]
        put_live(ready, now())
        do(ready[Role.SALES], lose_lead, lead_id=lead, reason="Trop cher")
        work()

        rows, hits, health, live_line = models._read(ready[Role.SALES])

        assert [(row["number"], row["state"]) for row in rows] == [("v1", "en service")]
        assert len(hits) == 1
        assert "0 sur 1 ont signé" in hits[0]["sentence"]
        assert "39 pistes" in live_line
        assert len(health) == 1

    def test_names_the_altered_file_of_the_live_version(self, ready: People) -> None:
        past_and_present(ready[Role.SALES], now())
        version_id = put_live(ready, now())
        place = store.path_of(facts_of(version_id).files["artifact.skops"])
        place.chmod(0o600)
        place.write_bytes(place.read_bytes()[:-1])

        _, _, health, _ = models._read(ready[Role.SALES])

        assert any("artifact.skops" in line["text"] for line in health)


class TestReadReview:
    def test_reads_report_names_and_rights(self, ready: People) -> None:
        past_and_present(ready[Role.SALES], now())
        put_live(ready, now())

        review = review_state.read_review(ready[Role.MANAGER], MODEL, 1)

        assert review.report is not None
        assert len(review.names) == 20
        assert review.before is None

    def test_says_so_when_the_report_was_altered(self, ready: People) -> None:
        past_and_present(ready[Role.SALES], now())
        put_live(ready, now())
        check = review_state.read_review(ready[Role.MANAGER], MODEL, 1).check
        assert check is not None
        place = store.path_of(check.report_sha256)
        place.chmod(0o600)
        place.write_text("{}")

        review = review_state.read_review(ready[Role.MANAGER], MODEL, 1)

        assert review.report is None
        assert "rapport de contrôle" in review.problem

    def test_refuses_a_version_that_there_is_not(self, ready: People) -> None:
        with pytest.raises(NotFound):
            review_state.read_review(ready[Role.MANAGER], MODEL, 7)
