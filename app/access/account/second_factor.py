"""One's own second factor: set up with a picture to scan, recovery codes, replace, take away."""

import asyncio

import reflex as rx
import segno

from app.access import entrance
from app.access.account.browsers import Browsers
from app.access.fresh import ask_fresh_proof
from app.access.spoken import told
from app.components import confirm, field, section
from app.doors import ask, do
from app.platform import handler
from app.session import current_actor
from app.text import day, say, t
from db.access.company.queries import company
from db.access.people.queries import person
from db.access.people.second_factor import actions
from db.access.people.second_factor.queries import second_factor
from db.access.people.second_factor.rules import setup_address
from db.kernel.errors import BusinessError, FreshProofNeeded


class SecondFactorState(rx.State):
    """Where one stands with the second factor."""

    since: str = ""
    codes_left: int = 0
    picture: str = ""
    secret: str = ""
    problem: str = ""
    codes: list[str] = []

    @handler("access.use_own_account")
    async def load(self) -> None:
        """Show whether there is one; recovery codes that were shown are gone."""
        await self._load()

    async def _load(self) -> None:
        actor = await current_actor(self)
        found = await asyncio.to_thread(ask, actor, second_factor, user_id=actor.user_id)
        self.since, self.codes_left = (day(found.since) if found.since else ""), found.recovery_codes_left
        self.picture = self.secret = self.problem = ""
        self.codes = []

    @handler("access.use_own_account")
    async def offer(self) -> None:
        """Show a new secret to be scanned."""
        actor = await current_actor(self)
        try:
            self.secret = await asyncio.to_thread(do, actor, actions.offer_second_factor)
        except FreshProofNeeded:
            await ask_fresh_proof(self, SecondFactorState.offer())
            return
        me = await asyncio.to_thread(ask, actor, person, user_id=actor.user_id)
        firm = await asyncio.to_thread(ask, actor, company)
        address = setup_address(self.secret, email=me.email, issuer=f"Boussole {firm.name}" if firm else "Boussole")
        self.picture = segno.make(address, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff")
        self.problem, self.codes = "", []

    @handler("access.use_own_account")
    async def activate(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Switch it on with a first code."""
        actor = await current_actor(self)
        code, word = form.get("code", ""), form.get("password", "")
        try:
            codes = await asyncio.to_thread(entrance.confirm_second_factor, actor, code=code, password=word)
        except FreshProofNeeded:
            await ask_fresh_proof(self, SecondFactorState.offer())
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
        else:
            await self._load()
            self.codes = list(codes)
            return Browsers.load
        return None

    @handler("access.use_own_account")
    async def renew_codes(self) -> None:
        """Replace the recovery codes."""
        actor = await current_actor(self)
        try:
            self.codes = list(await asyncio.to_thread(do, actor, actions.renew_recovery_codes))
        except FreshProofNeeded:
            await ask_fresh_proof(self, SecondFactorState.renew_codes())

    @handler("access.use_own_account")
    async def remove(self) -> list[rx.event.EventSpec] | None:
        """Do without it again."""
        actor = await current_actor(self)
        try:
            await asyncio.to_thread(do, actor, actions.remove_second_factor)
        except FreshProofNeeded:
            await ask_fresh_proof(self, SecondFactorState.remove())
            return None
        return [SecondFactorState.load, await told(self, "Second facteur retiré.")]

    @handler("access.use_own_account")
    def give_up(self) -> None:
        """Put the picture away."""
        self.picture = self.secret = self.problem = ""


def second_factor_part() -> rx.Component:
    """Draw the state of the second factor and what can be done."""
    return section(
        t("Second facteur"),
        rx.cond(SecondFactorState.codes, _codes()),
        rx.cond(SecondFactorState.picture, _setting_up(), rx.cond(SecondFactorState.since, _on(), _off())),
        aside=t("demandé à la connexion, et avant ce qui engage : rôles, modèles, exportations entières"),
        id="second-facteur",
    )


def _off() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            t("Vous n’en avez pas encore. Il faut un téléphone avec une application de codes (TOTP)."), class_name="m"
        ),
        rx.el.div(
            rx.el.button(
                t("Activer un second facteur"), type="button", class_name="btn p", on_click=SecondFactorState.offer
            ),
            class_name="row",
        ),
        class_name="stack",
    )


def _on() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.span(t("actif"), class_name="tag grn"),
            " ",
            t("depuis le "),
            SecondFactorState.since,
            " · ",
            t("codes de secours restants : "),
            SecondFactorState.codes_left,
            class_name="m",
        ),
        rx.el.div(
            rx.el.button(
                t("Nouveaux codes de secours"), type="button", class_name="btn", on_click=SecondFactorState.renew_codes
            ),
            rx.el.button(t("Changer de téléphone"), type="button", class_name="btn", on_click=SecondFactorState.offer),
            confirm(
                t("Retirer"),
                title=t("Retirer le second facteur ?"),
                sentence=t("Ce qui en demande un ne se fera plus. Les codes de secours sont effacés."),
                on_confirm=SecondFactorState.remove,
                is_dangerous=True,
            ),
            class_name="row g6",
        ),
        class_name="stack",
    )


def _setting_up() -> rx.Component:
    return rx.el.div(
        rx.el.img(src=SecondFactorState.picture, alt=t("Code à scanner avec le téléphone"), class_name="qr"),
        rx.el.form(
            rx.el.p(t("Scannez l’image avec l’application de codes, puis entrez le premier code."), class_name="m"),
            rx.el.p(
                t("Sans appareil photo : "), rx.el.code(SecondFactorState.secret, class_name="secret"), class_name="s m"
            ),
            rx.el.div(
                field(
                    t("Code affiché par le téléphone"),
                    rx.el.input(
                        name="code", auto_complete="one-time-code", required=True, max_length=12, class_name="in"
                    ),
                    SecondFactorState.problem,
                ),
                field(
                    t("Votre mot de passe"),
                    rx.el.input(name="password", type="password", auto_complete="current-password", class_name="in"),
                ),
                class_name="fields",
            ),
            rx.el.div(
                rx.el.button(t("Activer"), type="submit", class_name="btn p"),
                rx.el.button(t("Plus tard"), type="button", class_name="btn", on_click=SecondFactorState.give_up),
                class_name="row g6",
            ),
            on_submit=SecondFactorState.activate,
            class_name="stack",
        ),
        class_name="setting-up",
    )


def _codes() -> rx.Component:
    return rx.el.div(
        rx.el.b(t("Vos dix codes de secours, montrés une seule fois")),
        rx.el.p(t("Chacun remplace le téléphone une fois. Imprimez-les ou gardez-les dans un coffre."), class_name="s"),
        rx.el.ul(rx.foreach(SecondFactorState.codes, lambda code: rx.el.li(rx.el.code(code))), class_name="codes"),
        class_name="callout warn",
        role="status",
    )
