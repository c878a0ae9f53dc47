"""`/pistes/[lead_id]`: one lead, its score with reasons, its story, and what can be done with it."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.crm import forms as forms  # registers the form
from app.crm.lead_history import history_part
from app.crm.lead_parts import facts_part, head_part, work_part
from app.crm.lead_view import custom_facts, lead_facts, reasons_view, score_view
from app.crm.score import note_acted, note_shown
from app.crm.score_panel import score_panel
from app.doors import ask, do, now
from app.platform import handler, notify
from app.records.buttons import Step, steps_offered
from app.records.form_state import AFTER_SAVING, LISTS, OneForm
from app.records.kinds import after_merges
from app.records.past import past_part
from app.records.saving import has_draft
from app.records.story_part import files_section, followers_part, story_section
from app.records.story_state import Story
from app.session import current_actor
from app.shell import screen
from app.text import say
from app.undoing import remove_part
from db.access.rules import Actor
from db.crm.leads.actions import convert_lead, lose_lead, note_exchange, reopen_lead, take_lead
from db.crm.leads.queries import LeadDetail, lead_detail
from db.crm.leads.rules import CLOSED_STATES, KIND, LEAD_LIFE, OPEN_STATES, SCORE, BadLead, LeadState
from db.insights.predictions.actions import give_feedback
from db.kernel.errors import NotFound
from db.records.notes.actions import write_note

READ, EDIT = "crm.read_leads", "crm.edit_leads"
STEPS = (
    Step("edit", "Modifier", EDIT, only_in=OPEN_STATES),
    Step("take", "Prendre", EDIT, only_in=OPEN_STATES),
    Step("lose", "Perdue", EDIT, LeadState.LOST),
    Step("convert", "Convertir", EDIT, LeadState.CONVERTED),
    Step("reopen", "Rouvrir", EDIT, LeadState.NEW, only_in=CLOSED_STATES),
)
KEYS = (("E", "modifier"), ("T", "noter un appel"), ("N", "note"), ("L", "liste"))


class LeadPage(rx.State):
    """One lead as its page shows it."""

    lead: dict[str, str] = {}
    buttons: list[str] = []
    custom_shown: list[dict[str, str]] = []
    score: dict[str, Any] = {"p": None}
    reasons: list[dict[str, str]] = []
    errors: dict[str, str] = {}
    missing: str = ""
    editing: bool = False
    disputed: str = ""
    _seen: str = ""  # the lead whose score was last logged as shown

    @handler(READ)
    async def load(self) -> Any:
        """Show the lead of the address; a form that was left unfinished is open again."""
        self.editing, self.errors, self.missing, self.disputed = False, {}, "", ""
        (await self.get_state(OneForm))._close()
        await self._show(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])
        actor = await current_actor(self)
        moved = await asyncio.to_thread(after_merges, actor, self.router.url.path) if self.missing else ""
        if moved:
            return rx.redirect(moved)
        if "edit" in self.buttons and await asyncio.to_thread(has_draft, actor, KIND, self.lead["id"]):
            await self._edit(self.lead["id"])
        return None

    @handler(READ)
    async def again(self) -> None:
        """Show the lead as it is now, without the form."""
        self.editing, self.errors = False, {}
        await self._show(self.lead.get("id", ""))

    @handler(EDIT)
    async def edit(self, lead_id: str) -> None:
        """Open the form."""
        await self._edit(lead_id)

    @handler(EDIT)
    async def convert(self, lead_id: str) -> Any:
        """Turn the lead into an opportunity."""
        actor = await current_actor(self)
        await asyncio.to_thread(note_acted, actor, [UUID(lead_id)])
        await asyncio.to_thread(do, actor, convert_lead, lead_id=UUID(lead_id))
        await self._show(lead_id)
        return notify("Piste convertie en affaire.")

    @handler(EDIT)
    async def lose(self, form: dict[str, Any]) -> Any:
        """Close the lead as lost, with the reason given."""
        actor = await current_actor(self)
        lead_id = str(form.get("lead_id", ""))
        try:
            await asyncio.to_thread(
                do, actor, lose_lead, lead_id=UUID(lead_id), reason=str(form.get("lost_reason", ""))
            )
        except BadLead as refusal:
            self.errors = {one.field: say(actor.language, one.message_id, **one.params) for one in refusal.findings}
            return None
        self.errors = {}
        await asyncio.to_thread(note_acted, actor, [UUID(lead_id)])
        await self._show(lead_id)
        return notify("Piste perdue.")

    @handler(EDIT)
    async def reopen(self, lead_id: str) -> Any:
        """Open a lost lead again."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, reopen_lead, lead_id=UUID(lead_id))
        await self._show(lead_id)
        return notify("Piste rouverte.")

    @handler(EDIT)
    async def take(self, lead_id: str) -> Any:
        """Make oneself the owner."""
        actor = await current_actor(self)
        await asyncio.to_thread(note_acted, actor, [UUID(lead_id)])
        await asyncio.to_thread(do, actor, take_lead, lead_id=UUID(lead_id))
        await self._show(lead_id)
        return notify("La piste est à vous.")

    @handler(EDIT)
    async def note(self, form: dict[str, Any]) -> Any:
        """Note a call, an e-mail, a visit, or just a note."""
        actor = await current_actor(self)
        lead_id, text = UUID(str(form.get("lead_id", ""))), str(form.get("text", ""))
        channel = str(form.get("channel", "note"))
        if channel == "note":
            await asyncio.to_thread(do, actor, write_note, kind=KIND, record_id=lead_id, text=text)
        else:
            moment = now()
            given = {"channel": channel, "direction": str(form.get("direction", "out")), "text": text}
            await asyncio.to_thread(do, actor, note_exchange, at=moment, lead_id=lead_id, happened_at=moment, **given)
            await asyncio.to_thread(note_acted, actor, [lead_id])
        await self._show(str(lead_id))
        return notify("Noté.")

    @handler("insights.give_feedback")
    def dispute(self, reason: str) -> None:
        """Open the field in which to say what is wrong with a reason."""
        self.disputed = reason[:300]

    @handler("insights.give_feedback")
    async def disagree(self, form: dict[str, Any]) -> Any:
        """Keep a person's word on the score or one of its reasons."""
        actor = await current_actor(self)
        why = str(form.get("why", "")).strip()
        about = str(form.get("about", "")).strip()
        reason = f"{about} : {why}" if about and why else why
        given = {"model": SCORE, "subject_kind": KIND, "subject_id": UUID(str(form.get("lead_id", "")))}
        await asyncio.to_thread(do, actor, give_feedback, agrees=False, reason=reason, **given)
        self.disputed = ""
        return notify("Votre avis est noté ; il compte pour la prochaine version.")

    async def _edit(self, lead_id: str) -> None:
        await (await self.get_state(OneForm))._open(KIND, lead_id, {})
        self.editing, self.errors = True, {}

    async def _look_at(self, lead_id: str) -> None:
        """Show a lead beside the list."""
        self.editing = False
        await self._show(lead_id)

    async def _show(self, lead_id: str) -> None:
        actor = await current_actor(self)
        try:
            shown = await asyncio.to_thread(read_lead, actor, lead_id)
        except NotFound as refusal:
            self.lead, self.buttons = {}, []
            self.missing = say(actor.language, refusal.message_id, **refusal.params)
            (await self.get_state(Story))._forget()
            return
        for name, value in shown.items():
            setattr(self, name, value)
        await (await self.get_state(Story))._load(KIND, UUID(lead_id))
        if shown["score"]["p"] is not None and self._seen != lead_id:
            self._seen = lead_id
            await asyncio.to_thread(note_shown, actor, UUID(lead_id))


def read_lead(actor: Actor, lead_id: str) -> dict[str, Any]:
    """Return what the page shows of a lead.

    Raises: NotFound.
    """
    try:
        wanted = UUID(lead_id)
    except ValueError:
        raise NotFound("Cette piste n’existe pas ou plus.") from None
    lead = ask(actor, lead_detail, lead_id=wanted, by=actor)
    return {
        "lead": lead_facts(lead, actor.language),
        "buttons": verbs_of(lead, actor),
        "custom_shown": custom_facts(lead, actor.language),
        "score": score_view(lead.score, actor),
        "reasons": reasons_view(lead.score, actor.language),
        "missing": "",
    }


def verbs_of(lead: LeadDetail, actor: Actor) -> list[str]:
    """Return which deeds the lead's life and the person's rights allow."""
    offered = [step.verb for step in steps_offered(LEAD_LIFE, lead.state, STEPS, actor)]
    return [verb for verb in offered if verb != "take" or lead.owner_id != actor.user_id]


AFTER_SAVING[KIND] = LeadPage.again
LISTS[KIND] = routes.LEADS


@screen(
    route=routes.LEAD,
    title="Piste",
    permission=READ,
    on_load=LeadPage.load,
    head=lambda: head_part(LeadPage),
    shows_title=False,
    keys=KEYS,
)
def lead() -> rx.Component:
    """Draw the lead: facts and form at the left, score and story at the right."""
    return rx.cond(
        LeadPage.missing != "",
        rx.el.div(rx.el.div(LeadPage.missing, class_name="md"), class_name="empty"),
        rx.el.div(
            rx.el.div(facts_part(LeadPage), work_part(LeadPage), class_name="lead-main"),
            rx.el.div(
                score_panel(LeadPage),
                followers_part(),
                files_section(),
                story_section(),
                past_part(KIND, LeadPage.lead["id"]),
                rx.cond(Story.removable, remove_part(KIND, LeadPage.lead["id"])),
                history_part(LeadPage.lead["id"]),
                class_name="lead-side",
            ),
            class_name="lead",
        ),
    )
