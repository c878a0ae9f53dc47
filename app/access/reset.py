"""`/mot-de-passe`: ask for a link, and choose a new password with it."""

import asyncio

import reflex as rx

from app import routes
from app.access.forms import card, entry, hidden, note_of, posted_form, submit, why_refused
from app.doors import ask
from app.platform import PUBLIC, handler
from app.shell import visitor_screen
from app.text import t
from db.access.company.queries import sends_mail
from db.access.rules import NOBODY


class Reset(rx.State):
    """What the page shows: with a link's token the new password, without one the request for a link."""

    sentence: str = ""
    link_token: str = ""
    email: str = ""
    was_asked: bool = False
    sends_mail: bool = False

    @handler(PUBLIC)
    async def load(self) -> None:
        """Show the form that fits the address."""
        note, self.sentence = await note_of(self)
        query = self.router.url.query_parameters
        self.link_token, self.email = query.get("jeton", ""), note.typed.get("email", "")
        self.was_asked = query.get("envoi", "") == "1"
        self.sends_mail = await asyncio.to_thread(ask, NOBODY, sends_mail)


@visitor_screen(route=routes.RESET, title="Mot de passe", on_load=Reset.load)
def reset() -> rx.Component:
    """Draw one of the three forms of the page."""
    without_mail = card(
        "Mot de passe oublié",
        t("Demandez un lien à la personne qui administre Boussole chez vous : elle le crée sous « Personnes »."),
        _back(),
    )
    return rx.cond(Reset.link_token, _choose(), rx.cond(Reset.sends_mail, _ask(), without_mail))


def _choose() -> rx.Component:
    return card(
        "Nouveau mot de passe",
        t("Tous vos appareils seront déconnectés."),
        why_refused(Reset.sentence),
        posted_form(
            "/auth/new-password",
            entry(
                t("Nouveau mot de passe"),
                "password",
                "password",
                required=True,
                min_length=12,
                auto_focus=True,
                auto_complete="new-password",
                hint=t("12 caractères au moins. Une suite de quatre mots convient bien."),
            ),
            hidden("jeton", Reset.link_token),
            submit(t("Changer le mot de passe")),
        ),
    )


def _ask() -> rx.Component:
    done = rx.el.div(
        t("Si cette adresse a un compte, un lien valable 30 minutes est en route."), class_name="callout", role="status"
    )
    form = posted_form(
        "/auth/forgotten",
        entry(
            t("Adresse e-mail"),
            "email",
            "email",
            required=True,
            auto_focus=True,
            auto_complete="username",
            default_value=Reset.email,
            key=Reset.email,
        ),
        submit(t("Envoyer un lien")),
    )
    lead = t("Un lien pour en choisir un autre vous est envoyé par e-mail.")
    return card("Mot de passe oublié", lead, why_refused(Reset.sentence), rx.cond(Reset.was_asked, done, form), _back())


def _back() -> rx.Component:
    return rx.el.a(t("Retour à la connexion"), href=routes.SIGN_IN, class_name="lk s")
