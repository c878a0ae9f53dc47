"""What the page of webhooks shows and does."""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import reflex as rx

from app.access.fresh import ask_fresh_proof
from app.access.spoken import told
from app.doors import ask, do, now
from app.platform import handler
from app.session import current_actor
from app.text import instant, quantity, say
from app.webhooks import words
from app.webhooks.messages import trial
from db.access.rules import Actor
from db.jobs.webhooks import actions, queries
from db.jobs.webhooks.rules import EVENTS, DeliveryState
from db.kernel.errors import BusinessError, FreshProofNeeded

MANAGE = queries.MANAGE
TONES = {DeliveryState.DONE: "grn", DeliveryState.FAILED: "red", DeliveryState.WAITING: "amb"}


class Webhooks(rx.State):
    """The company's decision, the webhooks, and the log of the chosen one."""

    is_on: bool = False
    allows_private: bool = False
    policy_version: int = 0
    rows: list[dict[str, str]] = []
    choices: list[dict[str, str]] = []
    chosen: dict[str, str] = {}
    log: list[dict[str, str]] = []
    secret: str = ""
    problem: str = ""
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show everything; a secret is shown once."""
        self.secret = self.problem = ""
        self.chosen, self.log = {}, []
        await self._show(await current_actor(self))

    @handler(MANAGE)
    async def decide(self, form: dict[str, Any]) -> Any:
        """Let webhooks leave the machine, or not."""
        actor = await current_actor(self)
        decision = {name: bool(form.get(name)) for name in ("is_on", "allows_private")}
        try:
            await asyncio.to_thread(
                do, actor, actions.decide_webhooks, expected_version=self.policy_version, **decision
            )
        except FreshProofNeeded:
            await ask_fresh_proof(self, Webhooks.decide(form))
            return None
        await self._show(actor)
        return await told(self, "Réglage enregistré.")

    @handler(MANAGE)
    async def add(self, form: dict[str, Any]) -> None:
        """Add a webhook; its secret is shown once."""
        actor = await current_actor(self)
        events = [kind for kind in EVENTS if form.get(kind)]
        try:
            _, self.secret = await asyncio.to_thread(
                do, actor, actions.add_webhook, url=str(form.get("url", "")), events=events
            )
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return
        self.problem, self.round = "", self.round + 1
        await self._show(actor)

    @handler(MANAGE)
    async def choose(self, webhook_id: str) -> None:
        """Show what was sent to a program; the same again closes it."""
        actor = await current_actor(self)
        self.chosen = {} if self.chosen.get("id") == webhook_id else {"id": webhook_id}
        self.secret = ""
        await self._show(actor)

    @handler(MANAGE)
    async def renew(self, webhook_id: str) -> None:
        """Give a webhook a new secret, shown once."""
        actor = await current_actor(self)
        self.secret = await asyncio.to_thread(do, actor, actions.renew_secret, webhook_id=UUID(webhook_id))

    @handler(MANAGE)
    async def switch(self, webhook_id: str, is_on: bool) -> Any:
        """Let a webhook rest, or go on."""
        message = "Envoi repris." if is_on else "Envoi suspendu."
        return await self._deed(actions.switch_webhook, message, webhook_id=UUID(webhook_id), is_on=is_on)

    @handler(MANAGE)
    async def remove(self, webhook_id: str) -> Any:
        """Remove a webhook with its log."""
        self.chosen = {}
        return await self._deed(actions.remove_webhook, "Webhook supprimé.", webhook_id=UUID(webhook_id))

    @handler(MANAGE)
    async def ping(self, webhook_id: str) -> Any:
        """Send a trial message."""
        self.chosen = {"id": webhook_id}
        return await self._deed(
            actions.ping, "Message d’essai en route.", webhook_id=UUID(webhook_id), body=trial(now())
        )

    @handler(MANAGE)
    async def resend(self, delivery_id: str) -> Any:
        """Send a message once more."""
        return await self._deed(actions.send_again, "Message renvoyé.", delivery_id=UUID(delivery_id))

    @handler(MANAGE)
    async def give_up(self, delivery_id: str) -> Any:
        """Leave a message that waits."""
        return await self._deed(actions.give_up, "Message abandonné.", delivery_id=UUID(delivery_id))

    @handler(MANAGE)
    async def refresh(self) -> None:
        """Show how things stand now."""
        await self._show(await current_actor(self))

    async def _deed(self, action: Any, message: str, **arguments: Any) -> Any:
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, action, **arguments)
        await self._show(actor)
        return await told(self, message)

    async def _show(self, actor: Actor) -> None:
        shown = await asyncio.to_thread(_facts, actor, self.chosen.get("id", ""))
        for name, value in shown.items():
            setattr(self, name, value)


def _facts(by: Actor, chosen_id: str) -> dict[str, Any]:
    at, decided, found = now(), ask(by, queries.policy), ask(by, queries.webhooks)
    rows = [webhook_row(one, by.language, at) for one in found]
    chosen = next((row for row in rows if row["id"] == chosen_id), {})
    sent = ask(by, queries.deliveries, webhook_id=UUID(chosen_id)) if chosen else []
    return {
        "is_on": decided.is_on,
        "allows_private": decided.allows_private,
        "policy_version": decided.row_version,
        "rows": rows,
        "choices": [{"name": kind, "label": say(by.language, words.EVENTS.get(kind, kind))} for kind in EVENTS],
        "chosen": chosen,
        "log": [delivery_row(one, by.language, at) for one in sent],
    }


def webhook_row(one: queries.WebhookFacts, language: str, at: datetime) -> dict[str, str]:
    """Return a webhook as one line."""
    return {
        "id": str(one.id),
        "url": one.url,
        "events": ", ".join(say(language, words.EVENTS.get(kind, kind)) for kind in one.events),
        "owner": one.owner_name,
        "waiting": quantity(Decimal(one.waiting)) if one.waiting else "",
        "rests": instant(one.disabled_at, on=at) if one.disabled_at else "",
        "problem": say(language, one.problem),
    }


def delivery_row(one: queries.Delivery, language: str, at: datetime) -> dict[str, str]:
    """Return a message as one line of the log."""
    last = one.attempts[0] if one.attempts else None
    code = "" if last is None else str(last.status) if last.status is not None else last.problem
    return {
        "id": str(one.id),
        "state": one.state.value,
        "word": say(language, words.STATES[one.state]),
        "tone": TONES.get(one.state, ""),
        "kind": say(language, words.EVENTS.get(one.kind, one.kind)),
        "when": instant(one.made_at, on=at),
        "code": code,
        "took": f"{last.milliseconds} ms" if last else "",
        "attempts": str(len(one.attempts)),
        "next": instant(one.next_at, on=at) if one.next_at and last else "",
        "body": one.body,
    }
