"""`/reglages/entreprise`: the firm's name and number, and whether mail may leave."""

import asyncio

import reflex as rx

from app import routes
from app.access.fresh import ask_fresh_proof
from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do
from app.frame import Frame
from app.navigation import LANGUAGE_NAMES
from app.platform import handler
from app.session import current_actor
from app.settings.profile import Profile, logo_part, profile_part, trial_part
from app.shell import screen
from app.text import say, t
from db.access.company import actions
from db.access.company.queries import company, mail_settings
from db.access.company.rules import MailSettings, shown_uid
from db.kernel.errors import BusinessError, FreshProofNeeded

SECURITIES = {"starttls": "STARTTLS (587)", "tls": "TLS (465)", "none": "aucune"}
MANAGE = "access.manage_company"


class CompanySettings(rx.State):
    """What the firm is called and how it sends."""

    name: str = ""
    uid: str = ""
    language: str = "fr"
    version: int = 0
    problem: str = ""
    mail_on: bool = False
    host: str = ""
    port: str = ""
    security: str = "starttls"
    user: str = ""
    sender: str = ""
    mail_problem: str = ""
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show the settings as they are; the mail password never comes back."""
        actor = await current_actor(self)
        firm = await asyncio.to_thread(ask, actor, company)
        mail = await asyncio.to_thread(ask, actor, mail_settings)
        self.problem = self.mail_problem = ""
        self.round += 1
        if firm is not None:
            self.name, self.version, self.language = firm.name, firm.row_version, firm.language
            self.uid = shown_uid(firm.uid) if firm.uid else ""
        self.mail_on, self.host, self.port = mail.is_on, mail.host, str(mail.port)
        self.security, self.user, self.sender = mail.security, mail.user, mail.sender

    @handler(MANAGE)
    async def save(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change name and number."""
        actor = await current_actor(self)
        name, uid = form.get("name", ""), form.get("uid", "")
        version = int(form["version"]) if form.get("version", "").isdecimal() else 0
        try:
            await asyncio.to_thread(
                do,
                actor,
                actions.edit_company,
                name=name,
                uid=uid,
                language=form.get("language", "fr"),
                expected_version=version,
            )
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return [CompanySettings.load, Profile.load, Frame.load, await told(self, "Entreprise enregistrée.")]

    @handler(MANAGE)
    async def save_mail(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change how mail leaves."""
        actor = await current_actor(self)
        port = form.get("port", "")
        settings = MailSettings(
            is_on=bool(form.get("is_on")),
            host=form.get("host", "").strip(),
            port=int(port) if port.isdigit() else 0,
            security=form.get("security", ""),
            user=form.get("user", "").strip(),
            sender=form.get("sender", "").strip(),
        )
        try:
            await asyncio.to_thread(
                do, actor, actions.change_mail, settings=settings, password=form.get("secret") or None
            )
        except FreshProofNeeded:
            await ask_fresh_proof(self, CompanySettings.save_mail(form))
            return None
        except BusinessError as refusal:
            self.mail_problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return [CompanySettings.load, Profile.load, await told(self, "Réglages d’envoi enregistrés.")]


@screen(route=routes.COMPANY, title="Entreprise", permission=MANAGE, on_load=[CompanySettings.load, Profile.load])
def company_settings() -> rx.Component:
    """Draw both forms."""
    return rx.el.div(_identity(), profile_part(), logo_part(), _mail(), trial_part(), class_name="settings")


def _identity() -> rx.Component:
    return section(
        t("Identité"),
        rx.el.form(
            rx.el.div(
                field(
                    t("Raison sociale"), _input("name", CompanySettings.name, required=True), CompanySettings.problem
                ),
                field(t("Numéro IDE (facultatif)"), _input("uid", CompanySettings.uid, placeholder="CHE-123.456.788")),
                field(
                    t("Langue de l’entreprise"), _language(), hint=t("Pour les nouvelles personnes et les documents.")
                ),
                class_name="fields",
            ),
            rx.el.input(type="hidden", name="version", value=CompanySettings.version.to_string(), read_only=True),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
            on_submit=CompanySettings.save,
            class_name="stack",
        ),
    )


def _language() -> rx.Component:
    return rx.el.select(
        *[rx.el.option(name, value=code, lang=code) for code, name in LANGUAGE_NAMES.items()],
        name="language",
        default_value=CompanySettings.language,
        key=f"l{CompanySettings.round}",
        class_name="in",
    )


def _mail() -> rx.Component:
    security = rx.el.select(
        *[rx.el.option(t(label), value=code) for code, label in SECURITIES.items()],
        name="security",
        default_value=CompanySettings.security,
        key=f"s{CompanySettings.round}",
        class_name="in",
    )
    switch = rx.el.label(
        rx.el.input(
            type="checkbox",
            name="is_on",
            default_checked=CompanySettings.mail_on,
            key=f"m{CompanySettings.round}",
            class_name="in",
        ),
        t("Boussole peut envoyer des e-mails (liens de mot de passe, résumés du jour)"),
        class_name="tick",
    )
    return section(
        t("Envoi d’e-mails"),
        rx.el.form(
            switch,
            rx.el.div(
                field(t("Serveur SMTP"), _input("host", CompanySettings.host), CompanySettings.mail_problem),
                field(t("Port"), _input("port", CompanySettings.port, input_mode="numeric")),
                field(t("Protection"), security),
                field(t("Expéditeur"), _input("sender", CompanySettings.sender, placeholder="boussole@exemple.ch")),
                field(t("Utilisateur"), _input("user", CompanySettings.user, auto_complete="off")),
                field(
                    t("Mot de passe du serveur"),
                    rx.el.input(name="secret", type="password", auto_complete="new-password", class_name="in"),
                    hint=t("Vide : le mot de passe enregistré reste."),
                ),
                class_name="fields",
            ),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
            on_submit=CompanySettings.save_mail,
            class_name="stack",
        ),
        aside=t("rien ne quitte cette machine tant que ce n’est pas activé"),
    )


def _input(name: str, value: rx.Var[str], **props: object) -> rx.Component:
    return rx.el.input(
        name=name, default_value=value, key=f"{name}{CompanySettings.round}", max_length=254, class_name="in", **props
    )
