"""From a hand-in to scores on screen and back, on both databases: only what was recomputed and decided is shown."""

import json
import pickle
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier
from skops.io import dumps

from app.doors import ask, do, now
from app.insights import job as jobs
from app.worker import run_next_job, run_reactions
from db.access.rules import Actor, Role
from db.crm.leads.actions import (
    add_leads,
    edit_lead,
    lose_lead,
    remove_leads_of_import,
    reopen_lead,
    update_leads,
)
from db.crm.leads.queries import lead_detail, open_leads
from db.crm.leads.rules import LeadState
from db.documents import store
from db.insights.approvals.actions import approve, roll_back
from db.insights.predictions.queries import current_scores, hit_rates, live_version, prediction
from db.insights.predictions.rules import Scored
from db.insights.proposals.queries import check_of
from tests.app.insights.make import MODEL, facts_of, hand_in_fitted, past_and_present, put_live, work
from tests.db.crm.leads.make import make_draft
from workspace.models.lead_score.estimator import Knobs

People = dict[Role, Actor]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check in this process and leave freezing out: both start processes and have their own tests."""
    monkeypatch.setattr(jobs, "freeze", lambda facts: (None, "pas ici"))
    monkeypatch.setattr(
        jobs, "run_apart", lambda work, material, report: json.loads(json.dumps(work(material, report)))
    )


@pytest.fixture
def here(people: People) -> datetime:
    """The present of these tests: the worker reads the real clock."""
    at = now()
    for role, actor in people.items():
        people[role] = replace(actor, fresh_until=at + timedelta(hours=1))
    return at


def shown(system: Actor, version_id: UUID | None) -> dict[UUID, Scored]:
    return {row.subject_id: row for row in ask(system, current_scores, model=MODEL, version_id=version_id)}


class TestPublish:
    def test_proposes_with_what_it_recomputed(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = hand_in_fitted(people[Role.ANALYST], here).version_id

        work()

        facts = facts_of(version_id)
        check = ask(system, check_of, version_id=version_id)
        assert facts.state == "proposed", facts.problem
        assert check is not None
        assert check.same_data
        assert facts.claimed == {"auc": 0.99}
        assert 0.6 < check.measured["auc"] < 0.95
        report = json.loads(store.get(check.report_sha256))
        assert report["period"]["n_train"] == 168
        assert report["period"]["n_test"] == 72
        assert sum(row["n"] for row in report["calibration"]) == 72
        assert len(report["moves"]) == 20
        assert all(move["reasons"] for move in report["moves"])
        assert {rail["name"] for rail in report["guard_rails"]} >= {
            "better_than_naive_bayes",
            "same_data",
            "reproduced",
        }

    def test_shows_nothing_before_a_decision(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = hand_in_fitted(people[Role.ANALYST], here).version_id

        work()

        assert shown(system, version_id) == {}
        assert ask(system, live_version, model=MODEL) is None

    def test_refuses_a_pickle(self, people: People, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = hand_in_fitted(people[Role.ANALYST], here, artifact=pickle.dumps({"a": 1})).version_id

        work()

        facts = facts_of(version_id)
        assert facts.state == "refused"
        assert "artifact.skops" in (facts.problem or "")

    def test_refuses_a_foreign_type_by_its_name(self, people: People, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        foreign = dumps(DecisionTreeClassifier().fit(np.zeros((4, 1)), [0, 1, 0, 1]))
        version_id = hand_in_fitted(people[Role.ANALYST], here, artifact=foreign).version_id

        work()

        facts = facts_of(version_id)
        assert facts.state == "refused"
        assert "artifact.skops" in (facts.problem or "")

    def test_refuses_a_file_altered_on_disk_by_its_name(self, people: People, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = hand_in_fitted(people[Role.ANALYST], here).version_id
        _flip_a_byte(facts_of(version_id).files["artifact.skops"])

        work()

        facts = facts_of(version_id)
        assert facts.state == "refused"
        assert "artifact.skops" in (facts.problem or "")

    def test_refuses_an_artifact_that_its_recipe_does_not_give(self, people: People, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        honest = hand_in_fitted(people[Role.ANALYST], here)
        params = {**facts_of(honest.version_id).params, "regularisation": 50.0}
        version_id = hand_in_fitted(people[Role.ANALYST], here, params=params).version_id

        work()

        facts = facts_of(version_id)
        assert facts.state == "refused"
        assert "réglages" in (facts.problem or "")

    def test_says_when_the_data_are_not_the_companys(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = hand_in_fitted(people[Role.ANALYST], here, data_fingerprint="0" * 64).version_id

        work()

        check = ask(system, check_of, version_id=version_id)
        assert check is not None
        assert not check.same_data

    def test_refuses_another_library(self, people: People, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = hand_in_fitted(people[Role.ANALYST], here, packages={"scikit-learn": "0.24.2"}).version_id

        work()

        assert "0.24.2" in (facts_of(version_id).problem or "")

    def test_refuses_a_past_that_is_too_short(self, people: People, here: datetime) -> None:
        past_and_present(people[Role.SALES], here, closed=30)
        version_id = hand_in_fitted(people[Role.ANALYST], here).version_id

        work()

        assert "30 affaires closes" in (facts_of(version_id).problem or "")


class TestGoLive:
    def test_scores_every_open_lead_with_reasons(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)

        version_id = put_live(people, here)

        scores = shown(system, version_id)
        assert facts_of(version_id).state == "live"
        assert len(scores) == 40
        assert all(0 < row.low <= row.probability <= row.high < 1 for row in scores.values())
        assert all("Source" in str([reason["text"] for reason in row.reasons]) for row in scores.values())

    def test_compares_the_next_version_on_the_same_cases(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        first = put_live(people, here)

        second = put_live(people, here, knobs=Knobs(boosted_trees=False, regularisation=4.0))

        check = ask(system, check_of, version_id=second)
        assert check is not None
        assert check.live_version_id == first
        assert check.live_measured is not None
        assert check.live_measured["n"] == check.measured["n"]
        assert (facts_of(first).state, facts_of(second).state) == ("retired", "live")

    def test_refuses_an_artifact_altered_after_its_approval(
        self, people: People, system: Actor, here: datetime
    ) -> None:
        past_and_present(people[Role.SALES], here)
        first = put_live(people, here)
        before = shown(system, first)
        second = hand_in_fitted(people[Role.ANALYST], here, knobs=Knobs(boosted_trees=False, regularisation=9.0))
        work()
        _flip_a_byte(facts_of(second.version_id).files["artifact.skops"])

        do(
            people[Role.MANAGER],
            approve,
            version_id=second.version_id,
            reason="Mieux",
            expected_version=facts_of(second.version_id).row_version,
        )
        work()

        assert facts_of(second.version_id).state == "refused"
        assert "artifact.skops" in (facts_of(second.version_id).problem or "")
        assert shown(system, first) == before


class TestRollBack:
    def test_restores_the_same_bits_and_scores_newer_leads(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        first = put_live(people, here)
        before = shown(system, first)
        second = put_live(people, here, knobs=Knobs(boosted_trees=False, regularisation=9.0))
        assert {k: v.probability for k, v in shown(system, second).items()} != {
            k: v.probability for k, v in before.items()
        }
        newer = past_and_present(people[Role.SALES], here, closed=1, still_open=3, seed=9)[1:]

        do(people[Role.MANAGER], roll_back, model=MODEL, reason="Plaintes de la vente")
        work()

        after = shown(system, first)
        assert {lead: after[lead] for lead in before} == before
        assert set(after) == set(before) | set(newer)
        assert (facts_of(first).state, facts_of(second).state) == ("live", "retired")


class TestRescoreChanged:
    def test_follows_a_lead_that_was_edited(self, people: People, system: Actor, here: datetime) -> None:
        lead = past_and_present(people[Role.SALES], here)[-1]
        version_id = put_live(people, here)
        _edit(people[Role.SALES], lead, source="Salon")
        work()
        high = shown(system, version_id)[lead].probability

        _edit(people[Role.SALES], lead, source="Annonce")
        work()

        assert shown(system, version_id)[lead].probability < high - 0.05

    def test_shows_the_segment_rate_before_any_version(self, people: People, system: Actor, here: datetime) -> None:
        lead = past_and_present(people[Role.SALES], here)[-1]
        _edit(people[Role.SALES], lead, source="Salon")

        work()

        said = ask(people[Role.SALES], prediction, model=MODEL, subject_id=lead)
        assert said is not None
        assert said.rung == "segment"
        assert said.version is None
        assert 0 < said.probability < 1

    def test_shows_nothing_of_a_closed_lead_and_counts_it(self, people: People, system: Actor, here: datetime) -> None:
        lead = past_and_present(people[Role.SALES], here)[-1]
        version_id = put_live(people, here)

        do(people[Role.SALES], lose_lead, lead_id=lead, reason="Trop cher")
        work()

        assert lead not in shown(system, version_id)
        rates = ask(people[Role.SALES], hit_rates, model=MODEL)
        assert [(rate.cases, rate.won) for rate in rates] == [(1, 0)]

        do(people[Role.SALES], reopen_lead, lead_id=lead)
        work()
        assert lead in shown(system, version_id)
        assert ask(people[Role.SALES], hit_rates, model=MODEL) == []


class TestRescoreAll:
    def test_covers_leads_that_came_without_an_event(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = put_live(people, here)
        newer = past_and_present(people[Role.SALES], here, closed=1, still_open=2, seed=5)[1:]

        jobs.rescore_all(_Quiet())  # type: ignore[arg-type]

        assert set(newer) <= set(shown(system, version_id))
        assert len(ask(system, open_leads, as_of=now())) == len(shown(system, version_id))

    def test_shows_nothing_of_leads_that_an_import_closed_or_that_its_undoing_removed(
        self, people: People, system: Actor, here: datetime
    ) -> None:
        sales, imported = people[Role.SALES], uuid4()
        ids = past_and_present(sales, here)
        version_id = put_live(people, here)
        more = do(sales, add_leads, drafts=[make_draft(received_at=here - DAY)] * 3, import_id=imported)
        work()
        assert set(more) <= set(shown(system, version_id))

        do(sales, update_leads, changes=[(lead, _lost(here)) for lead in ids[-4:]], import_id=uuid4())
        do(sales, remove_leads_of_import, import_id=imported)
        work()

        still_open = {lead.lead_id for lead in ask(system, open_leads, as_of=now())}
        assert set(shown(system, version_id)) == still_open
        assert len(still_open) == 36

    def test_has_one_job_for_all_portions_of_an_import(self, people: People, here: datetime) -> None:
        for _ in range(3):
            drafts = [make_draft(received_at=here - DAY)]
            do(people[Role.SALES], add_leads, drafts=drafts, import_id=uuid4())

        assert run_reactions() == 3

        assert run_next_job()
        assert not run_next_job()

    def test_counts_no_outcome_of_leads_that_are_open_again_or_were_removed(
        self, people: People, system: Actor, here: datetime
    ) -> None:
        sales, imported, closing = people[Role.SALES], uuid4(), uuid4()
        reopened = past_and_present(sales, here)[-1]
        put_live(people, here)
        removed = do(sales, add_leads, drafts=[make_draft(received_at=here - DAY)], import_id=imported)[0]
        work()
        do(sales, update_leads, changes=[(reopened, _lost(now()))], import_id=closing)
        do(sales, update_leads, changes=[(removed, _lost(now()))], import_id=imported)
        work()
        assert sum(rate.cases for rate in ask(sales, hit_rates, model=MODEL)) == 2

        do(sales, remove_leads_of_import, import_id=closing)
        do(sales, remove_leads_of_import, import_id=imported)
        work()

        assert ask(sales, hit_rates, model=MODEL) == []


class TestCatchUp:
    def test_has_leads_scored_that_came_in_bulk(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        version_id = put_live(people, here)
        newer = past_and_present(people[Role.SALES], here, closed=1, still_open=2, seed=5)[1:]

        jobs.catch_up(system)
        work()

        assert set(newer) <= set(shown(system, version_id))

    def test_asks_for_nothing_when_all_are_scored(self, people: People, system: Actor, here: datetime) -> None:
        past_and_present(people[Role.SALES], here)
        put_live(people, here)

        jobs.catch_up(system)

        assert not run_next_job()


class _Quiet:
    """A job that nobody watches."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Say nothing."""


def _lost(closed_at: datetime) -> dict[str, object]:
    return {"state": LeadState.LOST, "lost_reason": "Prix", "closed_at": closed_at}


def _edit(by: Actor, lead: UUID, **changes: object) -> None:
    row_version = ask(by, lead_detail, lead_id=lead, by=by).row_version
    do(by, edit_lead, lead_id=lead, values=changes, expected_version=row_version)


def _flip_a_byte(sha256: str) -> None:
    place = store.path_of(sha256)
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.chmod(0o600)
    place.write_bytes(bytes(content))
