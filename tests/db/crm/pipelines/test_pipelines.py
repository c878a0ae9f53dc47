"""Pipelines: set up, changed, retired; opportunities go through their stages, which say what they want."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.opportunities.actions import (
    OpportunityClosed,
    add_opportunity,
    lose_opportunity,
    move_opportunity,
    reopen_opportunity,
    win_opportunity,
)
from db.crm.opportunities.board.queries import Board, board
from db.crm.opportunities.queries import opportunity_facts
from db.crm.opportunities.rules import OpportunityDraft
from db.crm.pipelines.actions import (
    add_pipeline,
    begin_pipelines,
    change_pipeline,
    choose_lost_reasons,
    retire_pipeline,
)
from db.crm.pipelines.queries import PipelineFacts, lost_reasons, pipelines
from db.crm.pipelines.rules import (
    FIRST_REASONS,
    BadPipeline,
    PipelineDraft,
    StageDraft,
    StageWants,
    check_pipeline,
    check_reasons,
    weighted,
)
from db.kernel.errors import ChangedMeanwhile, NotAllowed, NotFound
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.timeline.queries import StoryPart, TimelineLine, story
from db.records.undo.actions import undo_deed
from tests.db.stock.make import last_deed

People = dict[Role, Actor]
STEP = {"next_step": "Appeler", "next_step_date": date(2026, 12, 1)}
TWO = PipelineDraft("Service", (StageDraft("Demande", 40), StageDraft("Contrat", 80, ("expected_amount",), 10)))


@pytest.fixture(autouse=True)
def usual_pipeline(people: People, system: Actor, clock: datetime) -> None:
    """The pipeline that a firm begins with."""
    do(system, begin_pipelines, at=clock)


@pytest.fixture
def firm(people: People, clock: datetime) -> UUID:
    """A company."""
    made: UUID = do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
    return made


@pytest.fixture
def deal(people: People, firm: UUID, clock: datetime) -> UUID:
    """An open opportunity that says little."""
    made: UUID = do(people[Role.SALES], add_opportunity, draft=OpportunityDraft("Passerelle", firm), at=clock)
    return made


def usual(people: People) -> PipelineFacts:
    """Return the first pipeline."""
    return ask(people[Role.SALES], pipelines)[0]


def drafts_of(found: PipelineFacts) -> list[StageDraft]:
    """Return the stages of a pipeline as they would be kept unchanged."""
    return [StageDraft(one.name, one.chance, one.demands, one.patience_days, one.stage_id) for one in found.stages]


def read_board(by: Actor, clock: datetime, **asked: UUID | None) -> Board:
    """Return the board."""
    return ask(by, board, **{"pipeline_id": None, "owner_id": None, **asked}, at=clock, by=by)


class TestCheckPipeline:
    def test_says_of_each_stage_what_is_wrong(self) -> None:
        stages = (StageDraft(" ", 0), StageDraft("A", 100, ("shoe_size",)), StageDraft("a", 50, (), 0))

        with pytest.raises(BadPipeline) as refusal:
            check_pipeline(PipelineDraft("  ", stages))

        assert [one.field for one in refusal.value.findings] == [
            "name", "stages.0.name", "stages.0.chance", "stages.1.chance", "stages.1.demands",
            "stages.2.name", "stages.2.patience_days",
        ]  # fmt: skip

    @pytest.mark.parametrize("many", [0, 13])
    def test_has_one_stage_to_twelve(self, many: int) -> None:
        with pytest.raises(BadPipeline):
            check_pipeline(PipelineDraft("A", tuple(StageDraft(f"E{at}", 10) for at in range(many))))

    def test_keeps_a_reason_once(self) -> None:
        assert check_reasons([" Prix ", "prix", "", "Délai"]) == ["Prix", "Délai"]

    def test_weighs_in_whole_centimes(self) -> None:
        assert weighted(Decimal("33.33"), 33) == Decimal("11.00")


class TestPipelines:
    def test_begin_with_the_usual_one_once(self, people: People, system: Actor, clock: datetime) -> None:
        do(system, begin_pipelines, at=clock)

        assert len(ask(people[Role.SALES], pipelines)) == 1
        found = usual(people)

        assert (found.name, [one.name for one in found.stages][:2]) == (
            "Parcours standard",
            ["Contact", "Besoin clarifié"],
        )
        assert [one.name for one in ask(people[Role.SALES], lost_reasons)] == list(FIRST_REASONS)

    def test_are_changed_as_a_whole(self, people: People, deal: UUID, clock: datetime) -> None:
        found = usual(people)
        first, second, *_ = drafts_of(found)
        draft = PipelineDraft("Ventes Suisse", (second, replace(first, chance=15), StageDraft("Neuve", 60)))

        arguments = {"pipeline_id": found.pipeline_id, "draft": draft, "at": clock}
        do(people[Role.MANAGER], change_pipeline, expected_version=found.row_version, **arguments)

        after = usual(people)
        assert [(one.name, one.chance) for one in after.stages] == [
            ("Besoin clarifié", 30), ("Contact", 15), ("Neuve", 60),
        ]  # fmt: skip
        with pytest.raises(ChangedMeanwhile):
            do(people[Role.MANAGER], change_pipeline, expected_version=found.row_version, **arguments)

    def test_refuse_a_name_twice_and_a_stage_from_elsewhere(self, people: People, deal: UUID, clock: datetime) -> None:
        with pytest.raises(BadPipeline):
            do(people[Role.MANAGER], add_pipeline, draft=replace(TWO, name="parcours STANDARD"), at=clock)
        other = do(people[Role.MANAGER], add_pipeline, draft=TWO, at=clock)
        foreign = PipelineDraft("Service", (replace(TWO.stages[0], stage_id=usual(people).stages[0].stage_id),))
        with pytest.raises(BadPipeline):
            do(people[Role.MANAGER], change_pipeline, pipeline_id=other, draft=foreign, expected_version=1, at=clock)

    def test_are_not_for_sellers_and_one_stays(self, people: People, deal: UUID, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], add_pipeline, draft=TWO, at=clock)
        with pytest.raises(NotAllowed):
            do(people[Role.MANAGER], retire_pipeline, pipeline_id=usual(people).pipeline_id, at=clock)

    def test_that_are_retired_leave_their_deals_to_be_placed(
        self, people: People, firm: UUID, deal: UUID, clock: datetime
    ) -> None:
        other = do(people[Role.MANAGER], add_pipeline, draft=TWO, at=clock)
        stage = ask(people[Role.SALES], pipelines)[1].stages[0]
        do(people[Role.SALES], move_opportunity, opportunity_id=deal, stage_id=stage.stage_id, values=STEP, at=clock)

        do(people[Role.MANAGER], retire_pipeline, pipeline_id=other, at=clock)

        shown = read_board(people[Role.SALES], clock)
        assert (shown.columns[0].stage, shown.columns[0].count) == (None, 1)
        with pytest.raises(NotFound):
            read_board(people[Role.SALES], clock, pipeline_id=other)


class TestMoveOpportunity:
    def test_names_each_field_that_a_stage_wants(self, people: People, deal: UUID, clock: datetime) -> None:
        offer = usual(people).stages[2]

        with pytest.raises(StageWants) as refusal:
            do(people[Role.SALES], move_opportunity, opportunity_id=deal, stage_id=offer.stage_id, values={}, at=clock)

        assert [one.field for one in refusal.value.findings] == [
            "contact_id", "expected_amount", "expected_close", "next_step", "next_step_date",
        ]  # fmt: skip
        assert str(refusal.value.findings[1]) == "« Devis envoyé » demande le montant attendu."

    def test_takes_along_what_was_missing_and_is_undone(self, people: People, deal: UUID, clock: datetime) -> None:
        by, stages = people[Role.SALES], usual(people).stages
        person = do(by, add_party, draft=PartyDraft(PartyKind.PERSON, "Ingrid Keller"), at=clock)
        values = {
            "expected_amount": Decimal("1000"),
            "expected_close": date(2026, 12, 20),
            "contact_id": person,
            **STEP,
        }

        later = clock + timedelta(days=1)
        asked = {"opportunity_id": deal, "stage_id": stages[2].stage_id, "values": values}
        do(by, move_opportunity, **asked, at=later)

        found = ask(by, opportunity_facts, opportunity_id=deal, by=by)
        assert (found.stage_id, found.stage_since, found.expected_amount) == (stages[2].stage_id, later, Decimal(1000))
        lines = ask(by, story, kind="opportunity", record_id=deal, part=StoryPart(), by=by).lines
        assert ("Étape : {before} → {after}", "Devis envoyé") in [
            (line.message_id, line.params.get("after")) for line in lines if isinstance(line, TimelineLine)
        ]
        do(by, undo_deed, undoes=last_deed("crm.opportunities.move_opportunity"), at=later)
        assert ask(by, opportunity_facts, opportunity_id=deal, by=by).stage_id == stages[0].stage_id

    def test_of_a_closed_one_is_refused(self, people: People, deal: UUID, clock: datetime) -> None:
        do(people[Role.SALES], win_opportunity, opportunity_id=deal, at=clock)

        stage_id = usual(people).stages[1].stage_id
        with pytest.raises(OpportunityClosed):
            do(people[Role.SALES], move_opportunity, opportunity_id=deal, stage_id=stage_id, values=STEP, at=clock)

    def test_counts_a_loss_by_its_reason(self, people: People, deal: UUID, clock: datetime) -> None:
        by = people[Role.SALES]
        known = {one.name: one.reason_id for one in ask(by, lost_reasons)}

        do(by, lose_opportunity, opportunity_id=deal, reason="prix : 12 % de trop", at=clock)

        assert ask(by, opportunity_facts, opportunity_id=deal, by=by).lost_reason_id == known["Prix"]
        do(by, reopen_opportunity, opportunity_id=deal, at=clock)
        assert ask(by, opportunity_facts, opportunity_id=deal, by=by).lost_reason_id is None

    def test_keeps_a_reason_that_is_no_longer_offered(self, people: People, deal: UUID, clock: datetime) -> None:
        do(people[Role.SALES], lose_opportunity, opportunity_id=deal, reason="Prix", at=clock)

        do(people[Role.MANAGER], choose_lost_reasons, names=["Délai", "Autre"], at=clock)

        assert [one.name for one in ask(people[Role.SALES], lost_reasons)] == ["Délai", "Autre"]
        found = ask(people[Role.SALES], opportunity_facts, opportunity_id=deal, by=people[Role.SALES])
        assert found.lost_reason_id is not None


class TestBoard:
    def test_adds_up_each_stage(self, people: People, firm: UUID, clock: datetime) -> None:
        by = people[Role.SALES]
        for amount in (1000, 250):
            draft = OpportunityDraft("A", firm, expected_amount=Decimal(amount))
            do(by, add_opportunity, draft=draft, at=clock)

        first = read_board(by, clock + timedelta(days=22)).columns[0]

        assert (first.count, first.amount, first.weighted) == (2, Decimal(1250), Decimal(125))
        assert [(card.amount, card.days_here, card.is_old) for card in first.cards] == [
            (Decimal(1000), 22, True), (Decimal(250), 22, True),
        ]  # fmt: skip

    def test_shows_one_owner_and_the_first_cards_only(self, people: People, firm: UUID, clock: datetime) -> None:
        by, other = people[Role.SALES], people[Role.MANAGER]
        for actor in (by, by, other):
            draft = OpportunityDraft("A", firm, owner_id=actor.user_id)
            do(by, add_opportunity, draft=draft, at=clock)

        found = ask(by, board, pipeline_id=None, owner_id=by.user_id, at=clock, most=1, by=by).columns[0]

        assert (found.count, len(found.cards)) == (2, 1)
