"""`/reglages/courrier`: one's own mailbox and the firm's: how they are reached, a test, on or off."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.components import field, section, tag
from app.doors import ask, do
from app.mail.domain import of_mailbox
from app.mail.trying import tried
from app.platform import Visitor, handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import day, instant, say, t
from db.access.rules import Actor
from db.documents.mail.accounts.actions import add_mailbox, allow_mail_servers, change_mailbox, read_now
from db.documents.mail.accounts.queries import Mailbox, mail_servers, mailbox, mailboxes, may_manage
from db.documents.mail.accounts.rules import METHODS, SECURITIES, MailboxDraft, MailboxSecrets
from db.documents.mail.rules import MANAGE, READ
from db.kernel.errors import BadInput
from db.kernel.findings import BadFields

TEXTS = (
    "name",
    "address",
    "user",
    "method",
    "imap_host",
    "imap_security",
    "smtp_host",
    "smtp_security",
    "inbox",
    "sent",
    "signature",
    "token_address",
    "client_id",
)
BEGIN = {"method": "password", "imap_port": "993", "imap_security": "tls", "smtp_port": "587",
         "smtp_security": "starttls", "inbox": "INBOX", "is_on": "", "is_shared": ""}  # fmt: skip
METHOD_LABELS = {"password": "Mot de passe", "xoauth2": "XOAUTH2 (Microsoft, Google)"}
SECURITY_LABELS = {"tls": "TLS", "starttls": "STARTTLS", "none": "aucune (déconseillé)"}


class Mailboxes(rx.State):
    """The mailboxes, and the one whose form is open."""

    lines: list[dict[str, str]] = []
    account_id: str = ""
    version: int = 0
    editing: bool = False
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    answers: list[dict[str, str]] = []
    round: int = 0
    servers: str = ""  # one in a line
    servers_version: int = 0
    servers_problem: str = ""

    @handler(READ)
    async def load(self) -> None:
        """Show them."""
        self.editing, self.problems, self.answers = False, {}, []
        await self._list(await current_actor(self))

    @handler(READ)
    def begin(self, is_shared: bool) -> None:
        """Open the form of a new one."""
        self.account_id, self.editing, self.problems, self.answers = "", True, {}, []
        self.values = {**BEGIN, "is_shared": "yes" if is_shared is True else ""}
        self.round += 1

    @handler(READ)
    async def edit(self, account_id: str) -> None:
        """Open the form of one; what is secret never comes back."""
        actor = await current_actor(self)
        found = await asyncio.to_thread(ask, actor, mailbox, account_id=uuid_of(account_id), by=actor)
        values = {name: str(value) for name, value in vars(found.draft).items()}
        values |= {"is_on": "yes" if found.draft.is_on else "", "is_shared": "" if found.owner_id else "yes"}
        self.account_id, self.version, self.values, self.editing = account_id, found.row_version, values, True
        self.problems, self.answers = {}, []
        self.round += 1

    @handler(READ)
    def leave(self) -> None:
        """Close the form."""
        self.editing = False

    @handler(READ)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep a mailbox."""
        actor = await current_actor(self)
        self.problems = {}
        try:
            await asyncio.to_thread(_keep, actor, self.account_id, self.version, self.values, form)
        except BadFields as refusal:
            self.problems = {f.field: say(actor.language, f.message_id, **f.params) for f in refusal.findings}
            return None
        self.editing = False
        await self._list(actor)
        return notify("Boîte enregistrée.")

    @handler(MANAGE)
    async def allow(self, form: dict[str, Any]) -> Any:
        """Name the servers that mailboxes may use."""
        actor = await current_actor(self)
        given = {"servers": str(form.get("servers") or "").split(), "expected_version": self.servers_version}
        try:
            await asyncio.to_thread(do, actor, allow_mail_servers, **given)
        except BadInput as refusal:
            self.servers_problem = say(actor.language, refusal.sentence)
            return None
        await self._list(actor)
        return notify("Serveurs enregistrés.")

    @handler(READ)
    async def test(self, account_id: str) -> None:
        """Sign in on both servers and show what they answer."""
        actor = await current_actor(self)
        found = await asyncio.to_thread(tried, actor, uuid_of(account_id))
        self.answers = _answers(account_id, found)

    @handler(READ)
    async def check_domain(self, account_id: str) -> None:
        """Ask the DNS about the domain of a mailbox and explain what it says."""
        actor = await current_actor(self)
        found = await asyncio.to_thread(of_mailbox, actor, uuid_of(account_id))
        self.answers = _answers(account_id, found)

    @handler(READ)
    async def fetch(self, account_id: str) -> Any:
        """Have one read at once."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, read_now, account_id=uuid_of(account_id))
        return notify("La boîte sera relevée dans la minute.")

    async def _list(self, actor: Actor) -> None:
        self.lines = [_line(one, actor) for one in await _all(actor)]
        named = await asyncio.to_thread(ask, actor, mail_servers, by=actor)
        self.servers, self.servers_version, self.servers_problem = "\n".join(named.names), named.row_version, ""


def _answers(account_id: str, found: list[tuple[str, bool]]) -> list[dict[str, str]]:
    return [{"text": text, "tone": "grn" if is_good else "red", "of": account_id} for text, is_good in found]


async def _all(actor: Actor) -> list[Mailbox]:
    return await asyncio.to_thread(ask, actor, mailboxes, by=actor)


def _line(one: Mailbox, actor: Actor) -> dict[str, str]:
    read = f"{day(one.read_at)} {instant(one.read_at)[-5:]}" if one.read_at else ""
    told = say(actor.language, "Relevée le {when}", when=read) if read else say(actor.language, "Pas encore relevée")
    return {
        "id": str(one.account_id),
        "address": one.draft.address,
        "whose": say(actor.language, "la mienne" if one.owner_id else "de l’entreprise"),
        "state": say(actor.language, "activée" if one.draft.is_on else "désactivée"),
        "tone": "grn" if one.draft.is_on else "",
        "read": told,
        "problem": say(actor.language, one.problem),
        "may_change": "yes" if may_manage(one.owner_id, actor) else "",
    }


def _keep(actor: Actor, account_id: str, version: int, before: dict[str, str], form: dict[str, Any]) -> None:
    draft = MailboxDraft(
        **{name: str(form.get(name, before.get(name, ""))) for name in TEXTS},
        imap_port=_port(form.get("imap_port")),
        smtp_port=_port(form.get("smtp_port")),
        is_on=bool(form.get("is_on")),
    )
    secrets = MailboxSecrets(*(str(form.get(name) or "") for name in ("secret", "client_secret", "token")))
    if account_id:
        given = {"account_id": uuid_of(account_id), "expected_version": version}
        do(actor, change_mailbox, draft=draft, secrets=secrets, **given)
        return
    do(actor, add_mailbox, draft=draft, secrets=secrets, is_shared=bool(before.get("is_shared")))


def _port(given: Any) -> int:
    text = str(given or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0


@screen(route=routes.MAILBOXES, title="Boîtes aux lettres", permission=READ, on_load=Mailboxes.load)
def mailboxes_page() -> rx.Component:
    """Draw them."""
    own = rx.el.button(t("Relier ma boîte"), type="button", class_name="btn p", on_click=Mailboxes.begin(False))
    shared = rx.el.button(
        t("Relier une boîte de l’entreprise"), type="button", class_name="btn", on_click=Mailboxes.begin(True)
    )
    words = t(
        "Boussole relève ces boîtes chaque minute et n’y efface rien. Un message échangé avec un client connu se lit "
        "sur sa fiche par toute l’équipe ; les autres messages de votre boîte ne se voient que de vous. "
        "L’export de l’entreprise et les sauvegardes contiennent tous les messages."
    )
    buttons = rx.el.div(own, rx.cond(Visitor.permissions.contains(MANAGE), shared), class_name="row g6")
    return rx.el.div(
        section(t("Boîtes aux lettres"), rx.el.p(words, class_name="m"), rx.foreach(Mailboxes.lines, _box), buttons),
        rx.cond(Mailboxes.editing, _form()),
        rx.cond(Visitor.permissions.contains(MANAGE), _servers_named()),
        class_name="settings",
    )


def _box(one: Any) -> rx.Component:
    def button(label: Any, event: Any) -> rx.Component:
        return rx.el.button(label, type="button", class_name="btn sm", on_click=event)

    answers = rx.foreach(
        Mailboxes.answers,
        lambda answer: rx.cond(
            answer["of"] == one["id"],
            rx.el.p(answer["text"], class_name=rx.cond(answer["tone"] == "red", "s red", "s grn"), role="status"),
        ),
    )
    return rx.el.div(
        rx.el.div(
            rx.el.b(one["address"]),
            rx.el.span(one["whose"], class_name="f"),
            tag(one["state"], one["tone"]),
            rx.el.span(class_name="sp"),
            rx.el.span(one["read"], class_name="f"),
            button(t("Tester"), Mailboxes.test(one["id"])),
            button(t("Vérifier le domaine"), Mailboxes.check_domain(one["id"])),
            button(t("Relever"), Mailboxes.fetch(one["id"])),
            rx.cond(one["may_change"] != "", button(t("Modifier"), Mailboxes.edit(one["id"]))),
            class_name="row g6",
        ),
        rx.cond(one["problem"] != "", rx.el.p(one["problem"], class_name="s red", role="alert")),
        answers,
        class_name="mailbox",
    )


def _servers_named() -> rx.Component:
    words = t(
        "Boussole ne se connecte à aucun autre serveur de courrier. Les serveurs des boîtes que vous reliez vous-même "
        "s’y ajoutent ; sur un serveur retiré, plus rien n’est relevé ni envoyé."
    )
    box = rx.el.textarea(
        name="servers",
        default_value=Mailboxes.servers,
        key=f"servers{Mailboxes.servers_version}",
        class_name="in",
        rows=3,
    )
    label = t("Serveurs IMAP, SMTP et de jetons, un par ligne")
    return section(
        t("Serveurs autorisés"),
        rx.el.p(words, class_name="m"),
        rx.el.form(
            field(label, box, Mailboxes.servers_problem),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn"), class_name="row"),
            on_submit=Mailboxes.allow,
            class_name="stack",
        ),
    )


def _text(name: str, label: str, **props: Any) -> rx.Component:
    box = rx.el.input(
        name=name, default_value=Mailboxes.values[name], key=f"{name}{Mailboxes.round}", class_name="in", **props
    )
    return field(t(label), box, Mailboxes.problems[name])


def _choice(name: str, label: str, options: dict[str, str]) -> rx.Component:
    box = rx.el.select(
        *[rx.el.option(t(shown), value=value) for value, shown in options.items()],
        name=name,
        default_value=Mailboxes.values[name],
        key=f"{name}{Mailboxes.round}",
        class_name="in",
    )
    return field(t(label), box, Mailboxes.problems[name])


def _hidden(name: str, label: str, problem: str) -> rx.Component:
    box = rx.el.input(
        name=name, type="password", auto_complete="new-password", class_name="in", key=f"{name}{Mailboxes.round}"
    )
    return field(t(label), box, Mailboxes.problems[problem], hint=t("Vide : celui qui est gardé reste."))


def _access() -> list[rx.Component]:
    return [
        _text("address", "Adresse e-mail"),
        _text("name", "Nom de l’expéditeur"),
        _choice("method", "Accès", {one: METHOD_LABELS[one] for one in METHODS}),
        _text("user", "Utilisateur (vide : l’adresse)"),
        _hidden("secret", "Mot de passe", "password"),
        rx.el.details(
            rx.el.summary(t("XOAUTH2")),
            _text("token_address", "Adresse des jetons"),
            _text("client_id", "Identifiant du client"),
            _hidden("client_secret", "Secret du client", "client_secret"),
            _hidden("token", "Jeton de renouvellement", "refresh_token"),
        ),
    ]


def _servers() -> list[rx.Component]:
    securities = {one: SECURITY_LABELS[one] for one in SECURITIES}
    return [
        _text("imap_host", "Serveur IMAP"),
        _text("imap_port", "Port IMAP"),
        _choice("imap_security", "Protection IMAP", securities),
        _text("smtp_host", "Serveur SMTP"),
        _text("smtp_port", "Port SMTP"),
        _choice("smtp_security", "Protection SMTP", securities),
        _text("inbox", "Dossier à relever"),
        _text("sent", "Dossier des messages envoyés (vide : celui du serveur)"),
    ]


def _signature() -> rx.Component:
    box = rx.el.textarea(
        name="signature",
        default_value=Mailboxes.values["signature"],
        key=f"signature{Mailboxes.round}",
        class_name="in",
        rows=3,
    )
    return field(t("Signature"), box, Mailboxes.problems["signature"])


def _form() -> rx.Component:
    is_on = rx.el.label(
        rx.el.input(
            type="checkbox",
            name="is_on",
            default_checked=Mailboxes.values["is_on"] != "",
            key=f"on{Mailboxes.round}",
        ),
        t("Relever et envoyer par cette boîte"),
        class_name="row g6",
    )
    buttons = rx.el.div(
        rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"),
        rx.el.button(t("Ne rien changer"), type="button", class_name="btn", on_click=Mailboxes.leave),
        class_name="row g6",
    )
    return section(
        rx.cond(Mailboxes.account_id != "", t("Modifier la boîte"), t("Nouvelle boîte")),
        rx.el.form(*_access(), *_servers(), _signature(), is_on, buttons, on_submit=Mailboxes.save, class_name="stack"),
    )
