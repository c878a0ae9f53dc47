"""Who may let a version live: a person with a fresh second factor and a reason, never the author beside others."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.insights.approvals.actions import approve, refuse, roll_back, try_again
from db.insights.approvals.queries import decisions, work_under_way
from db.insights.approvals.rules import (
    NoPersonDecided,
    NotDecided,
    NothingToReturnTo,
    OwnModel,
    ProposalExpired,
    ReasonMissing,
    TooEarlyAlone,
    Verdict,
    check_second_look,
)
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError, ChangedMeanwhile, FreshProofNeeded, NotAllowed
from db.kernel.lifecycle import WrongStep
from tests.db.insights.make import MODEL, hand_in_one, proposed, row_version, state_of

People = dict[Role, Actor]
ONE, OTHER = UUID(int=1), UUID(int=2)


def _approve(by: Actor, version_id: UUID, at: datetime, reason: str = "Mieux sur le même passé") -> UUID:
    return do(by, approve, at=at, version_id=version_id, reason=reason, expected_version=row_version(version_id))


class TestCheckSecondLook:
    def test_is_a_second_look_when_another_decides(self, clock: datetime) -> None:
        assert not check_second_look(author_id=ONE, decider_id=OTHER, people=2, proposed_at=clock, at=clock)

    def test_refuses_the_author_while_others_are_there(self, clock: datetime) -> None:
        with pytest.raises(OwnModel):
            check_second_look(author_id=ONE, decider_id=ONE, people=2, proposed_at=clock, at=clock + timedelta(days=9))

    def test_lets_a_person_alone_decide_after_a_night(self, clock: datetime) -> None:
        later = clock + timedelta(hours=24)

        assert check_second_look(author_id=ONE, decider_id=ONE, people=1, proposed_at=clock, at=later)
        with pytest.raises(TooEarlyAlone):
            check_second_look(
                author_id=ONE, decider_id=ONE, people=1, proposed_at=clock, at=later - timedelta(seconds=1)
            )


class TestApprove:
    def test_writes_decision_and_asks_for_the_scores(self, people: People, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        _approve(people[Role.MANAGER], version_id, clock)

        assert state_of(version_id) == "approved"
        decision = ask(people[Role.SALES], decisions, model=MODEL)[0]
        assert (decision.verdict, decision.by_name, decision.alone) == (Verdict.APPROVED, "Manager", False)
        work = ask(people[Role.MANAGER], work_under_way, version_id=version_id)
        assert work is not None
        assert (work.kind, work.state) == ("insights.put_in_service", JobState.WAITING)

    def test_refuses_ones_own_version(self, people: People, clock: datetime) -> None:
        both = replace(people[Role.ANALYST], roles=frozenset({Role.ANALYST, Role.MANAGER}))
        version_id = proposed(both, clock)

        for deed in (approve, refuse):
            with pytest.raises(OwnModel):
                do(
                    both,
                    deed,
                    at=clock + timedelta(minutes=30),
                    version_id=version_id,
                    reason="Mieux",
                    expected_version=row_version(version_id),
                )
        assert state_of(version_id) == "proposed"

    def test_marks_a_person_alone_as_without_second_look(
        self, people: People, database: Engine, clock: datetime
    ) -> None:
        alone = replace(
            people[Role.ANALYST],
            roles=frozenset({Role.ANALYST, Role.MANAGER}),
            fresh_until=clock + timedelta(days=3),
        )
        with database.begin() as connection:
            connection.execute(
                text("update user_account set closed_at = :at where email <> 'analyst@example.ch'"), {"at": clock}
            )
        version_id = proposed(alone, clock)

        with pytest.raises(TooEarlyAlone):
            _approve(alone, version_id, clock + timedelta(hours=23))
        _approve(alone, version_id, clock + timedelta(hours=25))

        assert ask(alone, decisions, model=MODEL)[0].alone

    def test_asks_for_a_fresh_second_factor(self, people: People, clock: datetime) -> None:
        stale = replace(people[Role.MANAGER], fresh_until=clock - timedelta(seconds=1))
        version_id = proposed(people[Role.ANALYST], clock)

        with pytest.raises(FreshProofNeeded):
            _approve(stale, version_id, clock)

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
    def test_is_for_managers(self, people: People, clock: datetime, role: Role) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        with pytest.raises(NotAllowed):
            _approve(people[role], version_id, clock)

    def test_is_never_done_by_the_product(self, people: People, system: Actor, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        with pytest.raises(NoPersonDecided):
            _approve(system, version_id, clock)

    def test_refuses_without_a_reason(self, people: People, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        with pytest.raises(ReasonMissing):
            _approve(people[Role.MANAGER], version_id, clock, reason=" ")

    def test_refuses_a_draft(self, people: People, clock: datetime) -> None:
        version_id = hand_in_one(people[Role.ANALYST], clock).version_id

        with pytest.raises(WrongStep):
            _approve(people[Role.MANAGER], version_id, clock)

    def test_refuses_a_stale_proposal(self, people: People, clock: datetime) -> None:
        manager = replace(people[Role.MANAGER], fresh_until=clock + timedelta(days=99))
        version_id = proposed(people[Role.ANALYST], clock)

        with pytest.raises(ProposalExpired):
            _approve(manager, version_id, clock + timedelta(days=30))

    def test_refuses_when_the_page_is_older_than_the_version(self, people: People, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)
        seen = row_version(version_id)
        do(
            people[Role.MANAGER],
            refuse,
            at=clock,
            version_id=version_id,
            reason="Trop peu de cas",
            expected_version=seen,
        )

        with pytest.raises(ChangedMeanwhile):
            do(
                people[Role.MANAGER],
                approve,
                at=clock,
                version_id=version_id,
                reason="Mieux",
                expected_version=seen,
            )

    def test_lets_one_of_two_contrary_decisions_stand(self, people: People, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)
        seen = row_version(version_id)

        def decide(deed: object) -> bool:
            try:
                do(
                    people[Role.MANAGER],
                    deed,  # type: ignore[arg-type]
                    at=clock,
                    version_id=version_id,
                    reason="Vu",
                    expected_version=seen,
                )
            except BusinessError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            stood = list(pool.map(decide, [approve, refuse, approve, refuse]))

        assert stood.count(True) == 1
        assert len(ask(people[Role.MANAGER], decisions, model=MODEL)) == 1


class TestRefuse:
    def test_ends_the_version_with_a_reason(self, people: People, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        do(
            people[Role.MANAGER],
            refuse,
            at=clock,
            version_id=version_id,
            reason="Pire sur trois cantons",
            expected_version=row_version(version_id),
        )

        assert state_of(version_id) == "refused"
        assert ask(people[Role.ANALYST], decisions, model=MODEL)[0].reason == "Pire sur trois cantons"


class TestRollBack:
    def test_refuses_when_nothing_was_live_before(self, people: People, clock: datetime) -> None:
        proposed(people[Role.ANALYST], clock)

        with pytest.raises(NothingToReturnTo):
            do(people[Role.MANAGER], roll_back, at=clock, model=MODEL, reason="Plaintes")

    def test_is_for_managers(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.ANALYST], roll_back, at=clock, model=MODEL, reason="Plaintes")


class TestTryAgain:
    def test_refuses_what_nobody_approved(self, people: People, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        with pytest.raises(NotDecided):
            do(people[Role.MANAGER], try_again, at=clock, version_id=version_id)


class TestModelDecisionTable:
    @pytest.mark.parametrize("deed", ["update model_decision set reason = 'x'", "delete from model_decision"])
    def test_keeps_every_decision_as_it_was(self, people: People, database: Engine, clock: datetime, deed: str) -> None:
        _approve(people[Role.MANAGER], proposed(people[Role.ANALYST], clock), clock)

        with pytest.raises(DBAPIError, match="model_decision"), database.begin() as connection:
            connection.execute(text(deed))
