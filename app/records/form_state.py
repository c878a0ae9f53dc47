"""The state of the one form: what it shows, keeping drafts, saving. What a person may do is asked by the deeds."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import reflex as rx

from app.components.form import form_labels, record_form
from app.doors import now
from app.platform import Visitor, handler, notify
from app.records.doubles import doubles_view
from app.records.forms import NEW, form_called
from app.records.saving import give_up, keep_typed, open_form, read_sent, save_form
from app.session import current_actor
from app.text import instant, t
from db.access.rules import check_may

OPEN = "records.open"
LONGEST_SEARCH = 100


class OneForm(rx.State):
    """The form that is open on the page, if one is."""

    view: str = ""
    kept: str = ""  # which form was kept as a draft last, and when
    found: str = ""  # what a search in a field found
    doubles: str = ""  # records that exist already, by field

    @handler(OPEN)
    async def typed(self, payload: dict[str, Any]) -> None:
        """Keep what is being typed."""
        actor = await current_actor(self)
        sent = read_sent(payload)
        await asyncio.to_thread(keep_typed, actor, sent)
        self.kept = f"{sent.form}/{sent.record}|{instant(now(), now())}"
        self.doubles = await asyncio.to_thread(doubles_view, actor, sent)

    @handler(OPEN)
    async def save(self, payload: dict[str, Any]) -> Any:
        """Save the form, or say beside its fields what stands against it."""
        actor = await current_actor(self)
        sent = read_sent(payload)
        form = form_called(sent.form)
        done = await asyncio.to_thread(save_form, actor, sent)
        if done.record_id is None:
            self.view = done.view
            return None
        self.view, self.kept = "", f"{sent.form}/{sent.record}|"
        told = notify(done.notice, **done.params)
        return [told, rx.redirect(form.address(done.record_id)) if sent.record == NEW else AFTER_SAVING[sent.form]()]

    @handler(OPEN)
    async def abandon(self, payload: dict[str, Any]) -> None:
        """Forget the draft and show the record as it is."""
        actor = await current_actor(self)
        sent = read_sent(payload)
        self.view = await asyncio.to_thread(give_up, actor, sent)
        self.kept = f"{sent.form}/{sent.record}|"

    @handler(OPEN)
    async def leave(self, payload: dict[str, Any]) -> Any:
        """Close the form without saving."""
        actor = await current_actor(self)
        sent = read_sent(payload)
        form = form_called(sent.form)
        await asyncio.to_thread(give_up, actor, sent)
        self.view, self.kept = "", f"{sent.form}/{sent.record}|"
        return rx.redirect(LISTS.get(sent.form, "/")) if sent.record == NEW else AFTER_SAVING[form.spec.form]()

    @handler(OPEN)
    async def search(self, payload: dict[str, Any]) -> None:
        """Find records for a field by what is typed."""
        actor = await current_actor(self)
        asked: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {}
        form = form_called(asked.get("form"))
        check_may(actor, form.permission)
        name, text = str(asked.get("field", "")), str(asked.get("text", ""))[:LONGEST_SEARCH]
        options = await asyncio.to_thread(form.find, actor, name, text) if form.find and text.strip() else []
        self.found = json.dumps({"name": name, "text": text, "options": options}, ensure_ascii=False)

    async def _open(self, form: str, record: str, given: Mapping[str, str]) -> None:
        """Show a form; called by the state of the page that it stands on."""
        actor = await current_actor(self)
        self.found = self.kept = self.doubles = ""
        self.view = await asyncio.to_thread(open_form, actor, form, record, given)

    def _close(self) -> None:
        self.view = self.kept = self.found = self.doubles = ""


AFTER_SAVING: dict[str, Any] = {}  # form → the event that shows its record's page as it is now
LISTS: dict[str, str] = {}  # form → where leaving a new one leads


def form_part(save_label: Any = None) -> rx.Component:
    """Draw the form that is open."""
    return record_form(
        view=OneForm.view,
        labels=form_labels(),
        owner=Visitor.user_id,
        kept=OneForm.kept,
        found=OneForm.found,
        doubles=OneForm.doubles,
        save_label=t("Enregistrer") if save_label is None else save_label,
        on_typed=OneForm.typed,
        on_save=OneForm.save,
        on_abandon=OneForm.abandon,
        on_leave=OneForm.leave,
        on_search=OneForm.search,
    )
