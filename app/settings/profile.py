"""The head of the firm's letters, its logo, and a mail to try out how mail leaves: parts of `/reglages/entreprise`."""

import asyncio
from uuid import uuid4

import reflex as rx

from app import routes
from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do
from app.gateways.mail_out import send_mail
from app.platform import file_drop, handler
from app.session import current_actor
from app.text import say, t
from db.access.company.actions import change_logo, edit_profile
from db.access.company.queries import company, company_profile, mail_password, mail_settings
from db.access.company.rules import shown_uid
from db.access.people.queries import person
from db.access.rules import Actor, check_may
from db.documents import store
from db.kernel.errors import BadInput, BusinessError, NotAllowed
from db.session import DEMO, open_company, reading

MANAGE = "access.manage_company"
MOST_LOGO_BYTES = 1024**2
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Profile(rx.State):
    """What stands at the head of the firm's letters."""

    values: dict[str, str] = {}
    logo: str = ""
    version: int = 0
    problem: str = ""
    mail_problem: str = ""
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show it."""
        actor = await current_actor(self)
        found = await asyncio.to_thread(ask, actor, company_profile)
        firm = await asyncio.to_thread(ask, actor, company)
        self.problem = self.mail_problem = ""
        self.round += 1
        if found is None or firm is None:
            return
        vat = shown_uid(found.vat_number) + " TVA" if found.vat_number else ""
        self.values = {
            "vat_number": vat,
            "street": found.street,
            "postal_code": found.postal_code,
            "city": found.city,
            "phone": found.phone,
            "email": found.email,
            "website": found.website,
        }
        self.logo = f"{routes.LOGO}?v={found.logo_sha256[:12]}" if found.logo_sha256 else ""
        self.version = firm.row_version

    @handler(MANAGE)
    async def save(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change it."""
        actor = await current_actor(self)
        version = form.get("version", "")
        try:
            await asyncio.to_thread(
                do, actor, edit_profile, profile=form, expected_version=int(version) if version.isdecimal() else 0
            )
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return [*_reloaded(), await told(self, "Coordonnées enregistrées.")]

    @handler(MANAGE)
    async def put_logo(self, files: list[rx.UploadFile]) -> list[rx.event.EventSpec] | None:
        """Take a picture as the logo."""
        actor = await current_actor(self)
        try:
            content = await files[0].read() if files else b""
            await asyncio.to_thread(keep_logo, actor, content)
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return [*_reloaded(), await told(self, "Logo enregistré.")]

    @handler(MANAGE)
    async def remove_logo(self) -> list[rx.event.EventSpec]:
        """Do without a logo."""
        await asyncio.to_thread(do, await current_actor(self), change_logo, sha256=None)
        return [*_reloaded(), await told(self, "Logo retiré.")]

    @handler(MANAGE)
    async def try_mail(self) -> rx.event.EventSpec | None:
        """Send a mail to oneself, to see that mail leaves."""
        actor = await current_actor(self)
        self.mail_problem = ""
        try:
            address = await asyncio.to_thread(send_trial, actor)
        except BusinessError as refusal:
            self.mail_problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return await told(self, "Message d’essai remis au serveur pour {address}.", address=address)


def _reloaded() -> list[rx.event.EventSpec]:
    from app.access.company import CompanySettings  # it shows these parts: both pages count the same version

    return [Profile.load, CompanySettings.load]  # type: ignore[list-item]


def picture_kind(content: bytes) -> str:
    """Return the media type of a picture that may be a logo.

    Raises:
        BadInput: it is none, or too large.
    """
    kind = next((kind for sign, kind in PICTURES.items() if content.startswith(sign)), "")
    if not kind or len(content) > MOST_LOGO_BYTES:
        raise BadInput("Le logo est une image PNG ou JPEG de 1 Mo au plus.")
    return kind


def keep_logo(actor: Actor, content: bytes) -> None:
    """Keep a picture as the firm's logo.

    Raises:
        NotAllowed, BadInput: it is no picture, or too large.
    """
    check_may(actor, MANAGE)
    picture_kind(content)
    do(actor, change_logo, sha256=store.put(content))


def send_trial(actor: Actor) -> str:
    """Send a mail to the person herself; return her address.

    Raises:
        MailIsOff, MailRefused: it does not leave.
        NotAllowed: this is the demonstration, out of which nothing leaves.
    """
    settings, me = ask(actor, mail_settings), ask(actor, person, user_id=actor.user_id)
    if open_company() == DEMO:
        raise NotAllowed("La démonstration n’envoie rien.")
    with reading() as session:
        password = mail_password(session)
    send_mail(
        settings,
        password,
        to=me.email,
        subject=say(actor.language, "Boussole : message d’essai"),
        text=say(actor.language, "Ce message montre que Boussole peut envoyer des e-mails."),
        message_id=f"<trial-{uuid4()}@{settings.sender.rpartition('@')[2]}>",
    )
    return me.email


# --- view -------------------------------------------------------------------------------------------------------------


def profile_part() -> rx.Component:
    """Draw address and VAT number."""
    fields = (
        ("vat_number", t("Numéro de TVA"), "CHE-123.456.788 TVA"),
        ("street", t("Rue et numéro"), ""),
        ("postal_code", t("NPA"), "1003"),
        ("city", t("Localité"), ""),
        ("phone", t("Téléphone"), "+41 21 …"),
        ("email", t("Adresse e-mail"), ""),
        ("website", t("Site"), "www.exemple.ch"),
    )
    return section(
        t("Coordonnées"),
        rx.el.form(
            rx.el.div(
                *[field(label, _input(name, placeholder)) for name, label, placeholder in fields], class_name="fields"
            ),
            rx.el.input(type="hidden", name="version", value=Profile.version.to_string(), read_only=True),
            rx.cond(Profile.problem, rx.el.p(Profile.problem, class_name="s red", role="alert")),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
            on_submit=Profile.save,
            class_name="stack",
        ),
        aside=t("en tête des offres et des factures"),
    )


def _input(name: str, placeholder: str) -> rx.Component:
    return rx.el.input(
        name=name,
        default_value=Profile.values[name],
        key=f"{name}{Profile.round}",
        placeholder=placeholder,
        max_length=200,
        class_name="in",
    )


def logo_part() -> rx.Component:
    """Draw the logo and the place to drop another one."""
    return section(
        t("Logo"),
        rx.cond(
            Profile.logo,
            rx.el.div(
                rx.el.img(src=Profile.logo, alt=t("Logo"), class_name="logo-now"),
                rx.el.button(t("Retirer"), type="button", class_name="btn q sm", on_click=Profile.remove_logo),
                class_name="row g6",
            ),
        ),
        file_drop(
            rx.el.span(t("Déposer une image PNG ou JPEG, ou cliquer"), class_name="m"),
            label=t("Logo"),
            id="logo",
            accept={"image/png": [".png"], "image/jpeg": [".jpg", ".jpeg"]},
            max_files=1,
            on_drop=Profile.put_logo(rx.upload_files(upload_id="logo")),
            class_name="drop",
        ),
    )


def trial_part() -> rx.Component:
    """Draw the button that tries out how mail leaves."""
    return section(
        t("Essai"),
        rx.el.div(
            rx.el.button(t("Envoyer un message d’essai"), type="button", class_name="btn", on_click=Profile.try_mail),
            rx.cond(Profile.mail_problem, rx.el.span(Profile.mail_problem, class_name="s red", role="alert")),
            class_name="row g6 wraps",
        ),
        aside=t("à votre propre adresse"),
    )
