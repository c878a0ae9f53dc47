"""One's own absences, and the people one stands in for."""

import asyncio
from datetime import date
from uuid import UUID

import reflex as rx

from app.access.fresh import ask_fresh_proof
from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do, now
from app.platform import handler
from app.session import current_actor
from app.text import SWITZERLAND, day, say, t
from db.access.people.deputies.actions import name_deputy, withdraw_deputy
from db.access.people.deputies.queries import replacements_of
from db.access.people.queries import open_people
from db.kernel.errors import BadInput, BusinessError, FreshProofNeeded


class Absences(rx.State):
    """Who stands in for whom, now and later."""

    rows: list[dict[str, str]] = []
    others: list[dict[str, str]] = []
    problem: str = ""
    round: int = 0

    @handler("access.use_own_account")
    async def load(self) -> None:
        """List the replacements, and who could stand in."""
        actor = await current_actor(self)
        today = now().astimezone(SWITZERLAND).date()
        found = await asyncio.to_thread(ask, actor, replacements_of, user_id=actor.user_id, on=today)
        people = await asyncio.to_thread(ask, actor, open_people)
        self.problem = ""
        self.others = [{"id": str(user_id), "name": name} for user_id, name in people if user_id != actor.user_id]
        self.rows = [
            {
                "id": str(one.id),
                "absent": one.absent_name,
                "deputy": one.deputy_name,
                "period": f"{day(one.first_date)} – {day(one.last_date)}",
                "now": "1" if one.first_date <= today else "",
            }
            for one in found
        ]

    @handler("access.use_own_account")
    async def name_deputy(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Name who stands in."""
        actor = await current_actor(self)
        try:
            await asyncio.to_thread(
                do,
                actor,
                name_deputy,
                absent_id=actor.user_id,
                deputy_id=_id(form.get("deputy", "")),
                first_date=_date(form.get("first", "")),
                last_date=_date(form.get("last", "")),
            )
        except FreshProofNeeded:
            await ask_fresh_proof(self, Absences.name_deputy(form))
            return None
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self.round += 1
        return [Absences.load, await told(self, "Remplacement enregistré.")]

    @handler("access.use_own_account")
    async def withdraw(self, replacement_id: str) -> list[rx.event.EventSpec]:
        """End a replacement."""
        await asyncio.to_thread(do, await current_actor(self), withdraw_deputy, replacement_id=UUID(replacement_id))
        return [Absences.load, await told(self, "Remplacement terminé.")]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("Choisissez une personne de la liste.") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("Indiquez le premier et le dernier jour.") from None


def absences_part() -> rx.Component:
    """Draw the replacements and the form."""
    return section(
        t("Absences et remplacements"),
        rx.cond(
            Absences.rows,
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        *[rx.el.th(head) for head in (t("Absent"), t("Remplacé par"), t("Du – au"))],
                        rx.el.th(),
                        rx.el.th(),
                    )
                ),
                rx.el.tbody(rx.foreach(Absences.rows, _row)),
                class_name="list",
            ),
        ),
        rx.el.details(rx.el.summary(t("Je serai absent"), class_name="btn"), _form(), class_name="more"),
        aside=t("la personne qui remplace a vos droits pendant ces jours ; l’historique dit « pour … »"),
    )


def _form() -> rx.Component:
    deputy = rx.el.select(
        rx.foreach(Absences.others, lambda one: rx.el.option(one["name"], value=one["id"])),
        name="deputy",
        required=True,
        class_name="in",
    )
    return rx.el.form(
        rx.el.div(
            field(t("Remplacé par"), deputy, Absences.problem),
            field(t("Premier jour"), rx.el.input(name="first", type="date", required=True, class_name="in")),
            field(t("Dernier jour"), rx.el.input(name="last", type="date", required=True, class_name="in")),
            class_name="fields three",
        ),
        rx.el.div(rx.el.button(t("Désigner"), type="submit", class_name="btn p"), class_name="row"),
        on_submit=Absences.name_deputy,
        key=f"a{Absences.round}",
        class_name="stack",
    )


def _row(one: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(one["absent"]),
        rx.el.td(one["deputy"]),
        rx.el.td(one["period"], class_name="m"),
        rx.el.td(rx.cond(one["now"], rx.el.span(t("en cours"), class_name="tag ac"))),
        rx.el.td(
            rx.el.button(t("Terminer"), type="button", class_name="btn q sm", on_click=Absences.withdraw(one["id"])),
            class_name="r",
        ),
    )
