"""`/reglages/conservation`: how long technical traces are kept, and how many alerts a person gets."""

import asyncio

import reflex as rx

from app import routes
from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do
from app.platform import handler
from app.session import current_actor
from app.settings.backup_state import whole
from app.shell import screen
from app.text import say, t
from db.access.settings.actions import change_settings
from db.access.settings.queries import settings
from db.access.settings.rules import SETTINGS
from db.kernel.errors import BusinessError

MANAGE = "access.manage_company"
SHOWN = [key for key, known in SETTINGS.items() if known.group in ("retention", "alerts")]


class Retention(rx.State):
    """The numbers as they are."""

    values: dict[str, str] = {}
    problem: str = ""
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show them."""
        found = await asyncio.to_thread(ask, await current_actor(self), settings)
        self.values = {key: str(found[key]) for key in SHOWN}
        self.problem = ""
        self.round += 1

    @handler(MANAGE)
    async def save(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change them."""
        actor = await current_actor(self)
        try:
            values = {key: whole(form.get(key, "")) for key in SHOWN}
            await asyncio.to_thread(do, actor, change_settings, values=values)
        except BusinessError as refusal:
            params = {
                name: say(actor.language, value) if name == "label" else value for name, value in refusal.params.items()
            }
            self.problem = say(actor.language, refusal.message_id, **params)
            return None
        return [Retention.load, await told(self, "Durées enregistrées.")]  # type: ignore[list-item]


@screen(route=routes.RETENTION, title="Conservation", permission=MANAGE, on_load=Retention.load)
def retention_page() -> rx.Component:
    """Draw the numbers."""
    return rx.el.div(
        rx.el.form(
            section(
                t("Traces techniques"),
                rx.el.p(
                    t("Effacées chaque nuit une fois la durée passée. Les fiches, les pièces et l’historique restent."),
                    class_name="m",
                ),
                rx.el.div(*_fields("retention"), class_name="fields"),
            ),
            section(t("Alertes"), rx.el.div(*_fields("alerts"), class_name="fields")),
            rx.cond(Retention.problem, rx.el.p(Retention.problem, class_name="s red", role="alert")),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row sect"),
            on_submit=Retention.save,
        ),
        class_name="settings",
    )


def _fields(group: str) -> list[rx.Component]:
    return [
        field(t(known.label), _number(key), hint=t(known.unit))
        for key, known in SETTINGS.items()
        if known.group == group
    ]


def _number(key: str) -> rx.Component:
    return rx.el.input(
        name=key,
        default_value=Retention.values[key],
        key=f"{key}{Retention.round}",
        input_mode="numeric",
        required=True,
        max_length=5,
        class_name="in",
    )
