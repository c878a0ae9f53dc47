"""`/connexion` and `/connexion/code`: the password, then the second factor."""

import asyncio

import reflex as rx

from app import routes
from app.access.demonstration import choose_person, demo_people
from app.access.forms import card, entry, hidden, note_of, posted_form, submit, why_refused
from app.access.routes import CODE
from app.doors import ask
from app.language import Language
from app.platform import PUBLIC, handler
from app.session import current_actor
from app.shell import visitor_screen
from app.text import t
from db.access.people.queries import count_users
from db.access.rules import NOBODY
from db.session import DEMO, open_company


class SignIn(rx.State):
    """What the two pages show."""

    sentence: str = ""
    email: str = ""
    back_to: str = ""
    is_demo: bool = False
    has_new_password: bool = False
    people: list[dict[str, str]] = []

    @handler(PUBLIC)
    async def load(self) -> rx.event.EventSpec | None:
        """Show the form; before the first set-up lead to it, and on when the person is signed in."""
        self.is_demo = open_company() == DEMO
        if not self.is_demo and await asyncio.to_thread(ask, NOBODY, count_users) == 0:
            return rx.redirect(routes.WELCOME)
        if (await current_actor(self)).user_id is not None:
            return rx.redirect("/")
        if self.is_demo:
            language = (await self.get_state(Language)).lang
            self.people = await asyncio.to_thread(demo_people, language)
        await self._show()
        return None

    @handler(PUBLIC)
    async def load_code(self) -> None:
        """Show the field for the second factor."""
        await self._show()

    async def _show(self) -> None:
        note, self.sentence = await note_of(self)
        query = self.router.url.query_parameters
        self.email, self.back_to = note.typed.get("email", ""), query.get("retour", "")
        self.has_new_password = query.get("change", "") == "1"


@visitor_screen(route=routes.SIGN_IN, title="Connexion", on_load=SignIn.load)
def sign_in() -> rx.Component:
    """Draw the form, or in the demonstration the people to choose from."""
    return rx.cond(SignIn.is_demo, _people(), _form())


def _form() -> rx.Component:
    return card(
        "Se connecter",
        t("Avec votre adresse e-mail et votre mot de passe."),
        rx.cond(
            SignIn.has_new_password,
            rx.el.div(
                t("Votre mot de passe est changé. Connectez-vous avec le nouveau."), class_name="callout", role="status"
            ),
        ),
        why_refused(SignIn.sentence),
        posted_form(
            "/auth/sign-in",
            entry(
                t("Adresse e-mail"),
                "email",
                "email",
                required=True,
                auto_focus=True,
                auto_complete="username",
                default_value=SignIn.email,
                key=SignIn.email,
            ),
            entry(t("Mot de passe"), "password", "password", required=True, auto_complete="current-password"),
            hidden("retour", SignIn.back_to),
            submit(t("Se connecter")),
        ),
        rx.el.a(t("Mot de passe oublié"), href=routes.RESET, class_name="lk s"),
    )


def _people() -> rx.Component:
    return rx.el.section(
        rx.el.h1(t("Qui êtes-vous ?")),
        rx.el.p(
            t("Dans la démonstration on entre sans mot de passe, comme l’une de ces personnes inventées."),
            class_name="intro",
        ),
        why_refused(SignIn.sentence),
        choose_person(SignIn.people),
        class_name="entrance wide",
    )


@visitor_screen(route=CODE, title="Second facteur", on_load=SignIn.load_code)
def code() -> rx.Component:
    """Draw the field for the second factor."""
    return card(
        "Second facteur",
        t("Le code à six chiffres de votre téléphone, ou un code de secours."),
        why_refused(SignIn.sentence),
        posted_form(
            "/auth/code",
            entry(t("Code"), "code", required=True, auto_focus=True, auto_complete="one-time-code"),
            hidden("retour", SignIn.back_to),
            submit(t("Continuer")),
        ),
        rx.el.a(t("Recommencer avec le mot de passe"), href=routes.SIGN_IN, class_name="lk s"),
    )
