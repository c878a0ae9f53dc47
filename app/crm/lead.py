"""`/pistes/[lead_id]`: one lead, its score with reasons, its story, and what can be done with it."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.crm.columns import field_label
from app.crm.lead_form import all_findings, custom_inputs, form_values, no_values, read_form, sentences
from app.crm.lead_history import history_part
from app.crm.lead_parts import facts_part, head_part, story_part, work_part
from app.crm.lead_view import changes_view, custom_facts, lead_facts, reasons_view, score_view, story_view
from app.crm.score import note_acted, note_shown
from app.crm.score_panel import score_panel
from app.doors import ask, do, now
from app.platform import handler, notify
from app.session import current_actor
from app.shell import screen
from app.text import instant, say
from db.access.people.queries import open_people
from db.access.rules import Actor
from db.crm.leads.actions import convert_lead, edit_lead, lose_lead, note_exchange, reopen_lead, take_lead
from db.crm.leads.queries import field_changes, last_change, lead_detail
from db.crm.leads.rules import KIND, SCORE, BadLead, LeadDraft
from db.insights.predictions.actions import give_feedback
from db.kernel.errors import ChangedMeanwhile, NotFound
from db.records.notes.actions import write_note
from db.records.timeline.queries import timeline

READ, EDIT = "crm.read_leads", "crm.edit_leads"
NO_VALUES = no_values()
KEYS = (("E", "modifier"), ("T", "noter un appel"), ("N", "note"), ("L", "liste"))


class LeadPage(rx.State):
    """One lead as its page shows it."""

    lead: dict[str, str] = {}
    values: dict[str, str] = NO_VALUES
    custom: list[dict[str, str]] = []
    custom_shown: list[dict[str, str]] = []
    score: dict[str, Any] = {"p": None}
    reasons: list[dict[str, str]] = []
    story: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    people_key: str = ""
    errors: dict[str, str] = {}
    version: str = ""
    form_key: str = ""
    conflict: str = ""
    missing: str = ""
    editing: bool = False
    disputed: str = ""
    _seen: str = ""  # the lead whose score was last logged as shown

    @handler(READ)
    async def load(self) -> None:
        """Show the lead of the address."""
        self.editing, self.errors, self.conflict, self.missing, self.disputed = False, {}, "", "", ""
        await self._show(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])

    @handler(READ)
    async def again(self) -> None:
        """Show the lead as it is now, giving up what was typed."""
        self.editing, self.errors, self.conflict = False, {}, ""
        await self._show(self.lead.get("id", ""))

    @handler(EDIT)
    def edit(self) -> None:
        """Open the form."""
        self.editing, self.errors, self.conflict = True, {}, ""

    @handler(EDIT)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep what was typed, or say beside each field what is wrong; nothing typed is lost."""
        actor = await current_actor(self)
        lead_id = UUID(str(form.get("lead_id", "")))
        before = await asyncio.to_thread(ask, actor, lead_detail, lead_id=lead_id, by=actor)
        values, found = read_form(self._only_changed(form), [entry.field for entry in before.custom])
        try:
            if found:
                draft = LeadDraft(name=before.name, received_at=before.received_at)
                raise BadLead(all_findings(draft, values, found))
            await asyncio.to_thread(
                do, actor, edit_lead, lead_id=lead_id, values=values, expected_version=int(form.get("version", 0))
            )
        except BadLead as refusal:
            self.errors = sentences(refusal.findings, actor.language)
            return None
        except ChangedMeanwhile:
            self.conflict = await asyncio.to_thread(who_changed, actor, lead_id)
            self.version = str(before.row_version)
            return None
        self.editing, self.errors, self.conflict = False, {}, ""
        await self._show(str(lead_id))
        return notify("Piste enregistrée.")

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
            self.errors = sentences(refusal.findings, actor.language)
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

    def _only_changed(self, form: dict[str, Any]) -> dict[str, Any]:
        """Return what was changed in the form, so that another person's change of another field stays."""
        if form.get("lead_id") != self.lead.get("id"):
            return form
        shown = {**self.values, **{one["name"]: one["value"] for one in self.custom}}
        return {name: value for name, value in form.items() if name not in shown or str(value) != shown[name]}

    async def _look_at(self, lead_id: str) -> None:
        """Show a lead beside the list."""
        self.editing = False
        await self._show(lead_id)

    async def _show(self, lead_id: str) -> None:
        actor = await current_actor(self)
        try:
            shown = await asyncio.to_thread(read_lead, actor, lead_id)
        except NotFound as refusal:
            self.lead, self.missing = {}, say(actor.language, refusal.message_id, **refusal.params)
            return
        kept = ("values", "custom", "version", "form_key") if self.editing else ()
        for name, value in shown.items():
            if name not in kept:
                setattr(self, name, value)
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
    fields = [entry.field for entry in lead.custom]
    people = [{"id": str(user_id), "name": name} for user_id, name in ask(actor, open_people)]
    if lead.owner_id and str(lead.owner_id) not in {one["id"] for one in people}:
        people.append({"id": str(lead.owner_id), "name": lead.owner_name})
    return {
        "lead": lead_facts(lead, actor.language),
        "values": form_values(lead),
        "custom": custom_inputs(fields, {entry.field.key: entry.value for entry in lead.custom}),
        "custom_shown": custom_facts(lead, actor.language),
        "score": score_view(lead.score, actor),
        "reasons": reasons_view(lead.score, actor.language),
        "story": read_story(actor, wanted),
        "people": people,
        "people_key": f"{len(people)}-{lead.owner_id}",
        "version": str(lead.row_version),
        "form_key": f"{lead.lead_id}-{lead.row_version}",
        "missing": "",
    }


def read_story(actor: Actor, lead_id: UUID) -> list[dict[str, str]]:
    """Return what happened to a lead, with the changes of its fields, newest first."""
    at, language = now(), actor.language
    told = story_view(ask(actor, timeline, kind=KIND, record_id=lead_id), at, language)
    changed = changes_view(ask(actor, field_changes, lead_id=lead_id, by=actor), at, language)
    return sorted([*told, *changed], key=lambda line: line["at"], reverse=True)


def who_changed(actor: Actor, lead_id: UUID) -> str:
    """Return who changed the lead meanwhile, when and which fields, as one sentence."""
    change = ask(actor, last_change, lead_id=lead_id)
    if change is None:
        return say(actor.language, "Cette piste a été modifiée entre-temps.")
    return say(
        actor.language,
        "{name} a modifié cette piste ({when}) : {fields}. Vos valeurs ne sont pas encore enregistrées.",
        name=change.by_name,
        when=instant(change.at, now()),
        fields=", ".join(field_label(name, actor.language) for name in change.fields) or "—",
    )


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
                score_panel(LeadPage), story_part(LeadPage), history_part(LeadPage.lead["id"]), class_name="lead-side"
            ),
            class_name="lead",
        ),
    )
