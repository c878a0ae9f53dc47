"""The dialog that asks for the second factor once more before what matters: roles, approvals, whole exports.

In a handler: `except FreshProofNeeded: return await ask_fresh_proof(self, Page.approve(version))`; the event is
repeated once the proof is given. The dialog itself stands in the frame of every page.
"""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.access import entrance
from app.components import field
from app.doors import ask, now
from app.platform import Event, handler
from app.session import current_actor
from app.text import say, t
from db.access.people.second_factor.queries import demonstration_code, second_factor
from db.kernel.errors import BusinessError
from db.session import DEMO, open_company


class FreshState(rx.State):
    """The question for a fresh proof, and what is done again once it is answered."""

    is_open: bool = False
    has_factor: bool = True
    sentence: str = ""
    demo_code: str = ""
    _again: list[tuple[str, dict[str, Any]]] = []

    @handler("access.use_own_account")
    async def confirm(self, form: dict[str, str]) -> Any:
        """Take the code; then do again what was refused."""
        actor = await current_actor(self)
        try:
            await asyncio.to_thread(entrance.prove_again, actor, code=form.get("code", ""))
        except BusinessError as refusal:
            self.sentence = say(actor.language, refusal.message_id, **refusal.params)
            return None
        again = [Event(name=name, payload=payload) for name, payload in self._again]
        self._close()
        return again

    @handler("access.use_own_account")
    def cancel(self) -> None:
        """Do nothing after all."""
        self._close()

    def _close(self) -> None:
        self.is_open, self.sentence, self.demo_code, self._again = False, "", "", []


async def ask_fresh_proof(state: rx.State, again: Any) -> None:
    """Open the dialog; `again` is the event (`Page.approve(version)`) that is repeated once the proof is given."""
    actor = await current_actor(state)
    fresh = await state.get_state(FreshState)
    factor = await asyncio.to_thread(ask, actor, second_factor, user_id=actor.user_id)
    fresh.has_factor, fresh.sentence, fresh.demo_code = factor.since is not None, "", ""
    if open_company() == DEMO and fresh.has_factor:
        fresh.demo_code = await asyncio.to_thread(ask, actor, demonstration_code, user_id=actor.user_id, at=now())
    fresh._again = [(event.name, dict(event.payload)) for event in Event.from_event_type(again)]
    fresh.is_open = True


def fresh_proof_dialog() -> rx.Component:
    """Draw the dialog; it stands once in the frame."""
    return rx.cond(
        FreshState.is_open,
        rx.el.div(
            rx.el.div(
                rx.el.h2(t("Confirmer que c’est vous")),
                rx.cond(FreshState.has_factor, _question(), _without_factor()),
                role="dialog",
                aria_modal="true",
                aria_label=t("Confirmer que c’est vous"),
                class_name="confirm fresh",
            ),
            class_name="scrim",
        ),
    )


def _question() -> rx.Component:
    return rx.el.form(
        rx.el.p(t("Cette opération demande votre second facteur. Il vaut ensuite dix minutes."), class_name="m"),
        rx.cond(
            FreshState.demo_code,
            rx.el.p(
                rx.el.span(t("démonstration"), class_name="tag amb"),
                " ",
                t("Votre téléphone afficherait maintenant : "),
                rx.el.b(FreshState.demo_code, class_name="demo-code"),
                class_name="s",
            ),
        ),
        field(
            t("Code à six chiffres, ou code de secours"),
            rx.el.input(
                name="code",
                auto_focus=True,
                auto_complete="one-time-code",
                required=True,
                max_length=40,
                class_name="in",
            ),
            FreshState.sentence,
        ),
        rx.el.div(
            rx.el.button(t("Confirmer"), type="submit", class_name="btn p"),
            rx.el.button(t("Ne rien faire"), type="button", class_name="btn", on_click=FreshState.cancel),
            class_name="row g6",
        ),
        on_submit=FreshState.confirm,
        class_name="stack",
    )


def _without_factor() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            t(
                "Cette opération demande un second facteur, et vous n’en avez pas encore. "
                "Deux minutes suffisent, avec un téléphone."
            ),
            class_name="m",
        ),
        rx.el.div(
            rx.el.a(
                t("Activer un second facteur"),
                href=f"{routes.ACCOUNT}#second-facteur",
                class_name="btn p",
                on_click=FreshState.cancel,
            ),
            rx.el.button(t("Ne rien faire"), type="button", class_name="btn", on_click=FreshState.cancel),
            class_name="row g6",
        ),
        class_name="stack",
    )
