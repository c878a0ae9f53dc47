"""The part of `/compte` in which a person chooses what she is told, how, and when."""

import asyncio

import reflex as rx

from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do
from app.platform import handler
from app.session import current_actor
from app.text import say, t
from db.access.company.queries import sends_mail
from db.kernel.errors import BusinessError
from db.records.notifications.actions import choose_hours, choose_ways
from db.records.notifications.queries import choices, hours
from db.records.notifications.rules import TOPICS, Hours, Topic, Way, read_minute, written_minute

READ = "records.read_messages"
WAYS = {
    Way.APP: "dans Boussole",
    Way.DIGEST: "résumé par e-mail",
    Way.BOTH: "les deux",
    Way.NONE: "rien",
}


class MessageChoices(rx.State):
    """How and when the person is told."""

    ways: dict[str, str] = {}
    digest_at: str = ""
    quiet_from: str = ""
    quiet_to: str = ""
    mail_is_on: bool = False
    problem: str = ""
    round: int = 0

    @handler(READ)
    async def load(self) -> None:
        """Show the choices as they are."""
        actor = await current_actor(self)
        found = await asyncio.to_thread(ask, actor, choices, by=actor)
        self.ways = {topic.value: way.value for topic, way in found.items()}
        chosen = await asyncio.to_thread(ask, actor, hours, by=actor)
        self.digest_at = written_minute(chosen.digest_at)
        self.quiet_from, self.quiet_to = written_minute(chosen.quiet_from), written_minute(chosen.quiet_to)
        self.mail_is_on = await asyncio.to_thread(ask, actor, sends_mail)
        self.problem = ""
        self.round += 1

    @handler(READ)
    async def save(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change them."""
        actor = await current_actor(self)
        known = {way.value for way in Way}
        ways = {topic: Way(form[topic.value]) for topic in Topic if form.get(topic.value) in known}
        try:
            times = [read_minute(form.get(name, "")) for name in ("digest_at", "quiet_from", "quiet_to")]
            await asyncio.to_thread(do, actor, choose_ways, ways=ways)
            await asyncio.to_thread(do, actor, choose_hours, hours=Hours(*times))
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return [MessageChoices.load, await told(self, "Choix enregistrés.")]  # type: ignore[list-item]


def messages_part() -> rx.Component:
    """Draw the choices."""
    return section(
        t("Messages"),
        rx.el.form(
            rx.el.div(*[field(t(facts.label), _way(topic)) for topic, facts in TOPICS.items()], class_name="fields"),
            rx.el.div(
                field(t("Résumé par e-mail à"), _time("digest_at", MessageChoices.digest_at)),
                field(t("Silence dès"), _time("quiet_from", MessageChoices.quiet_from)),
                field(t("Silence jusqu’à"), _time("quiet_to", MessageChoices.quiet_to)),
                class_name="fields three",
            ),
            rx.cond(MessageChoices.problem, rx.el.p(MessageChoices.problem, class_name="s red", role="alert")),
            rx.cond(
                ~MessageChoices.mail_is_on,
                rx.el.p(
                    t("L’entreprise n’envoie pas d’e-mails : aucun résumé ne part pour l’instant."), class_name="s m"
                ),
            ),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
            on_submit=MessageChoices.save,
            class_name="stack",
        ),
        aside=t("les dimanches et les jours fériés du canton sont silencieux"),
        id="messages",
    )


def _way(topic: Topic) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(t(label), value=way.value) for way, label in WAYS.items()],
        name=topic.value,
        default_value=MessageChoices.ways[topic.value],
        key=f"{topic.value}{MessageChoices.round}",
        class_name="in",
    )


def _time(name: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.input(
        name=name, type="time", default_value=value, key=f"{name}{MessageChoices.round}", required=True, class_name="in"
    )
