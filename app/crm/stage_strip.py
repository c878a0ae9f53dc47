"""The stages of an opportunity's pipeline above its page: where it stands, and a click to bring it on."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.crm.first_pipeline import pipelines_of
from app.crm.moving import AFTER_MOVING, StageMove
from app.doors import ask
from app.platform import Visitor, handler
from app.records.page import RecordPage
from app.records.saving import uuid_of
from app.session import current_actor
from app.text import t
from db.access.rules import Actor, may_see_field
from db.crm.opportunities.queries import OpportunityFacts, opportunity_facts
from db.crm.opportunities.rules import OpportunityState
from db.kernel.errors import BusinessError

READ, EDIT = "crm.read_leads", "crm.edit_leads"


@dataclass
class StageMark:
    """One stage of the strip: before, at or after where the opportunity stands."""

    stage_id: str
    name: str
    place: str


class StageStrip(rx.State):
    """The stages of the opportunity of the address."""

    marks: list[StageMark] = []
    is_open: bool = False

    @handler(READ)
    async def load(self) -> None:
        """Show where it stands; nothing for one that is not there."""
        actor = await current_actor(self)
        try:
            opportunity_id = uuid_of(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])
            facts = await asyncio.to_thread(ask, actor, opportunity_facts, opportunity_id=opportunity_id, by=actor)
        except BusinessError:
            self.marks, self.is_open = [], False
            return
        self.is_open = facts.state == OpportunityState.OPEN.value
        self.marks = await asyncio.to_thread(marks_of, facts, actor)

    @handler(EDIT)
    async def move(self, stage: str) -> Any:
        """Bring the opportunity to a stage."""
        actor, deal = await current_actor(self), self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        return await (await self.get_state(StageMove))._begin(actor, deal, str(stage), "opportunity")

    @handler(READ)
    def again(self) -> Any:
        """Show page and strip as they are now."""
        return [RecordPage.again, StageStrip.load]


AFTER_MOVING["opportunity"] = StageStrip.again


def marks_of(facts: OpportunityFacts, actor: Actor) -> list[StageMark]:
    """Return the stages of the pipeline in which an opportunity stands (the usual one when it stands nowhere)."""
    if not may_see_field(actor, "opportunity", "stage_id"):
        return []
    known = pipelines_of(actor)
    theirs = [one for one in known if any(stage.stage_id == facts.stage_id for stage in one.stages)]
    stages = list((theirs or known)[0].stages) if known else []
    at = next((place for place, stage in enumerate(stages) if stage.stage_id == facts.stage_id), -1)
    words = {True: "past", False: "ahead"}
    return [
        StageMark(str(stage.stage_id), stage.name, "here" if place == at else words[place < at])
        for place, stage in enumerate(stages)
    ]


def stage_strip() -> rx.Component:
    """Draw the stages, those that may be chosen as buttons."""
    can = StageStrip.is_open & Visitor.permissions.contains(EDIT)
    marks = rx.foreach(
        StageStrip.marks,
        lambda one: rx.el.button(
            one.name,
            type="button",
            class_name="stage-mark " + one.place,
            disabled=~can | (one.place == "here"),
            on_click=StageStrip.move(one.stage_id),
            custom_attrs={"aria-current": rx.cond(one.place == "here", "step", "false")},
        ),
    )
    shown = (StageStrip.marks.length() > 0) & (RecordPage.missing == "")
    return rx.cond(shown, rx.el.div(marks, class_name="stage-strip", role="group", aria_label=t("Étapes")))
