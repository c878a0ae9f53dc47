"""One's own name, language and password."""

import asyncio

import reflex as rx

from app.access import entrance
from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do
from app.language import Language
from app.platform import Visitor, handler
from app.session import current_actor
from app.text import say, t
from db.access.people.actions import edit_own_account
from db.access.people.queries import person
from db.access.people.rules import ROLE_NAMES
from db.kernel.errors import BusinessError

LANGUAGE_NAMES = {"fr": "Français", "en": "English", "de": "Deutsch"}


class Identity(rx.State):
    """What one may change about oneself."""

    name: str = ""
    email: str = ""
    language: str = "fr"
    roles: str = ""
    version: int = 0
    problem: str = ""
    password_problem: str = ""
    round: int = 0  # a new number empties the password fields

    @handler("access.use_own_account")
    async def load(self) -> None:
        """Show the account as it is."""
        actor = await current_actor(self)
        me = await asyncio.to_thread(ask, actor, person, user_id=actor.user_id)
        self.name, self.email, self.language, self.version = me.name, me.email, me.language, me.row_version
        self.roles = ", ".join(say(me.language, ROLE_NAMES[role]) for role in sorted(me.roles))
        self.problem = self.password_problem = ""

    @handler("access.use_own_account")
    async def save(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change name and language."""
        actor = await current_actor(self)
        try:
            await asyncio.to_thread(
                do,
                actor,
                edit_own_account,
                name=form.get("name", ""),
                language=form.get("language", ""),
                expected_version=int(form.get("version", "0")),
            )
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        (await self.get_state(Language)).lang = form["language"]
        (await self.get_state(Visitor)).name = form["name"]
        return [Identity.load, await told(self, "Compte enregistré.")]

    @handler("access.use_own_account")
    async def change_password(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Replace the password; other browsers are signed out."""
        actor = await current_actor(self)
        current, new = form.get("current", ""), form.get("new", "")
        try:
            await asyncio.to_thread(entrance.change_password, actor, current=current, new=new)
        except BusinessError as refusal:
            self.password_problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self.password_problem, self.round = "", self.round + 1
        return await told(self, "Mot de passe changé. Les autres appareils sont déconnectés.")


def identity() -> rx.Component:
    """Draw name, language and roles."""
    language = rx.el.select(
        *[rx.el.option(name, value=code) for code, name in LANGUAGE_NAMES.items()],
        name="language",
        default_value=Identity.language,
        key=f"l{Identity.version}{Identity.language}",
        class_name="in",
    )
    return section(
        t("Identité"),
        rx.el.form(
            rx.el.div(
                field(
                    t("Nom"),
                    rx.el.input(
                        name="name",
                        default_value=Identity.name,
                        key=f"n{Identity.version}{Identity.name}",
                        max_length=120,
                        class_name="in",
                    ),
                    Identity.problem,
                ),
                field(t("Langue"), language),
                class_name="fields",
            ),
            rx.el.input(type="hidden", name="version", value=Identity.version.to_string(), read_only=True),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
            on_submit=Identity.save,
            class_name="stack",
        ),
        aside=rx.el.span(Identity.email, " · ", Identity.roles),
    )


def password() -> rx.Component:
    """Draw the change of password."""
    return section(
        t("Mot de passe"),
        rx.el.form(
            rx.el.div(
                field(
                    t("Mot de passe actuel"),
                    rx.el.input(
                        name="current",
                        type="password",
                        required=True,
                        auto_complete="current-password",
                        class_name="in",
                    ),
                    Identity.password_problem,
                ),
                field(
                    t("Nouveau mot de passe"),
                    rx.el.input(
                        name="new",
                        type="password",
                        required=True,
                        min_length=12,
                        auto_complete="new-password",
                        class_name="in",
                    ),
                    hint=t("12 caractères au moins. Une suite de quatre mots convient bien."),
                ),
                class_name="fields",
            ),
            rx.el.div(rx.el.button(t("Changer le mot de passe"), type="submit", class_name="btn"), class_name="row"),
            on_submit=Identity.change_password,
            key=f"p{Identity.round}",
            class_name="stack",
        ),
        aside=t("les autres appareils sont alors déconnectés"),
    )
