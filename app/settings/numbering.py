"""`/reglages/numerotation`: the format of each kind of document's numbers, with the next one as it would be written."""

import asyncio

import reflex as rx

from app import routes
from app.access.spoken import told
from app.components import section
from app.doors import ask, do, now
from app.platform import handler
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, say, t
from db.access.numbering.actions import change_number_formats
from db.access.numbering.queries import number_formats
from db.access.numbering.rules import KINDS, check_format, number_written
from db.kernel.errors import BusinessError

MANAGE = "access.manage_company"


class Numbering(rx.State):
    """The formats and what they give."""

    formats: dict[str, str] = {}
    examples: dict[str, str] = {}
    problem: str = ""
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show them."""
        self.formats = await asyncio.to_thread(ask, await current_actor(self), number_formats)
        self.examples = {kind: example(pattern) for kind, pattern in self.formats.items()}
        self.problem = ""
        self.round += 1

    @handler(MANAGE, debounce=200)
    async def try_out(self, kind: str, pattern: str) -> None:
        """Show what a format that is being typed gives."""
        if kind in KINDS:
            self.examples = {**self.examples, kind: example(pattern)}

    @handler(MANAGE)
    async def save(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change them."""
        actor = await current_actor(self)
        formats = {kind: form.get(kind, "") for kind in KINDS}
        try:
            await asyncio.to_thread(do, actor, change_number_formats, formats=formats)
        except BusinessError as refusal:
            params = {name: say(actor.language, str(value)) for name, value in refusal.params.items()}
            self.problem = say(actor.language, refusal.message_id, **params)
            return None
        return [Numbering.load, await told(self, "Numérotation enregistrée.")]  # type: ignore[list-item]


def example(pattern: str) -> str:
    """Return the twelfth number of this year; "" for what is no format."""
    try:
        return number_written(check_format(pattern), year=now().astimezone(SWITZERLAND).year, number=12)
    except BusinessError:
        return ""


@screen(route=routes.NUMBERING, title="Numérotation", permission=MANAGE, on_load=Numbering.load)
def numbering_page() -> rx.Component:
    """Draw the formats."""
    heads = (t("Pièce"), t("Format"), t("Exemple"))
    return rx.el.div(
        section(
            t("Numéros des pièces"),
            rx.el.p(
                t(
                    "Entre accolades : l’année (AAAA ou AA) et le compteur (autant de zéros que de chiffres). "
                    "Avec l’année, le compteur repart à 1 chaque année. Les numéros déjà donnés restent."
                ),
                class_name="m",
            ),
            rx.el.form(
                rx.el.table(
                    rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
                    rx.el.tbody(*[_row(kind, label) for kind, (label, _) in KINDS.items()]),
                    class_name="list",
                ),
                rx.cond(Numbering.problem, rx.el.p(Numbering.problem, class_name="s red", role="alert")),
                rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
                on_submit=Numbering.save,
                class_name="stack",
            ),
        ),
        class_name="settings",
    )


def _row(kind: str, label: str) -> rx.Component:
    given = rx.el.input(
        name=kind,
        default_value=Numbering.formats[kind],
        key=f"{kind}{Numbering.round}",
        aria_label=t(label),
        max_length=40,
        class_name="in",
        on_change=lambda value: Numbering.try_out(kind, value),
    )
    seen = rx.cond(
        Numbering.examples[kind] != "", Numbering.examples[kind], rx.el.span(t("format incomplet"), class_name="red")
    )
    return rx.el.tr(rx.el.td(t(label)), rx.el.td(given), rx.el.td(seen, class_name="m"))
