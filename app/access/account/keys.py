"""Keys with which programs act in one's name."""

import asyncio
from datetime import timedelta
from uuid import UUID

import reflex as rx

from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do, now
from app.platform import handler
from app.session import current_actor
from app.text import day, say, t
from db.access.people.tokens.actions import issue_token, revoke_token
from db.access.people.tokens.queries import keys_of
from db.access.rules import Actor, may
from db.kernel.errors import BusinessError

LIVES = {"30": "30 jours", "90": "90 jours", "365": "1 an"}
# what a key may be given → the permissions that belong to it
SCOPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "read_leads": ("Lire les pistes", ("crm.read_leads", "records.read", "parties.read")),
    "edit_leads": ("Modifier les pistes", ("crm.edit_leads",)),
    "import_leads": ("Importer des pistes", ("crm.import_leads", "documents.receive", "documents.read")),
    "export_leads": ("Exporter les pistes", ("crm.export_leads",)),
    "read_models": ("Lire les modèles", ("insights.read_models",)),
    "propose_model": ("Proposer un modèle", ("insights.propose_model",)),
    "parties": ("Modifier les sociétés et contacts", ("parties.edit",)),
    "records": ("Lire les fils, suivre et noter", ("records.open", "records.write_note", "access.read_names")),
    "views": ("Garder des vues", ("records.save_view",)),
    "webhooks": ("Gérer les webhooks", ("jobs.manage_webhooks",)),
    "jobs": ("Suivre et relancer ses travaux", ("jobs.read_own", "jobs.cancel_own", "jobs.retry_own")),
}


class Keys(rx.State):
    """The keys that still open something."""

    rows: list[dict[str, str]] = []
    choices: list[dict[str, str]] = []
    token: str = ""
    problem: str = ""
    round: int = 0

    @handler("access.use_own_account")
    async def load(self) -> None:
        """List the keys and what a new one may be given."""
        self.token = self.problem = ""
        await self._list(await current_actor(self))

    @handler("access.use_own_account")
    async def make(self, form: dict[str, str]) -> None:
        """Make a key; it is shown once."""
        actor, at = await current_actor(self), now()
        scopes = {"api.use"}.union(*(SCOPES[name][1] for name in SCOPES if form.get(f"scope_{name}")))
        life = timedelta(days=int(form.get("life", "30")) if form.get("life") in LIVES else 30)
        try:
            if len(scopes) == 1:
                raise BusinessError("Choisissez au moins un droit pour cette clé.")
            self.token = await asyncio.to_thread(
                do,
                actor,
                issue_token,
                at=at,
                user_id=actor.user_id,
                scopes=scopes,
                expires_at=at + life,
                label=form.get("label", ""),
            )
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return
        self.problem, self.round = "", self.round + 1
        await self._list(actor)

    @handler("access.use_own_account")
    async def revoke(self, key_id: str) -> list[rx.event.EventSpec]:
        """Take a key back."""
        await asyncio.to_thread(do, await current_actor(self), revoke_token, token_id=UUID(key_id))
        return [Keys.load, await told(self, "Clé révoquée.")]

    async def _list(self, actor: Actor) -> None:
        found = await asyncio.to_thread(ask, actor, keys_of, user_id=actor.user_id, at=now())
        self.rows = [
            {
                "id": str(key.id),
                "label": key.label,
                "scopes": ", ".join(_in_words(set(key.scopes), actor.language)),
                "made": day(key.made_at),
                "expires": day(key.expires_at),
            }
            for key in found
        ]
        self.choices = [
            {"name": f"scope_{name}", "label": say(actor.language, label)}
            for name, (label, needed) in SCOPES.items()
            if all(may(actor, permission) for permission in needed)
        ]


def _in_words(scopes: set[str], language: str) -> list[str]:
    known = [say(language, label) for label, needed in SCOPES.values() if scopes.issuperset(needed)]
    covered = {permission for _, needed in SCOPES.values() for permission in needed} | {"api.use"}
    return known + sorted(scopes - covered)


def keys_part() -> rx.Component:
    """Draw the list, the new key once, and the form."""
    heads = (t("Nom"), t("Droits"), t("Créée"), t("Valable jusqu’au"))
    return section(
        t("Clés pour des programmes"),
        rx.cond(
            Keys.token,
            rx.el.div(
                rx.el.b(t("Votre nouvelle clé, montrée une seule fois")),
                rx.el.div(rx.el.code(Keys.token, class_name="secret")),
                class_name="callout warn",
                role="status",
            ),
        ),
        rx.cond(
            Keys.rows,
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads], rx.el.th())),
                rx.el.tbody(rx.foreach(Keys.rows, _row)),
                class_name="list",
            ),
        ),
        rx.el.details(rx.el.summary(t("Nouvelle clé"), class_name="btn"), _form(), class_name="more"),
        aside=t("un programme n’a jamais plus de droits que vous, et seulement ceux que vous cochez"),
    )


def _form() -> rx.Component:
    life = rx.el.select(
        *[rx.el.option(t(label), value=days) for days, label in LIVES.items()],
        name="life",
        default_value="90",
        class_name="in",
    )
    return rx.el.form(
        rx.el.div(
            field(
                t("Nom"),
                rx.el.input(
                    name="label", required=True, max_length=80, placeholder=t("Transfert du site web"), class_name="in"
                ),
                Keys.problem,
            ),
            field(t("Durée"), life),
            class_name="fields",
        ),
        rx.el.div(
            rx.foreach(
                Keys.choices,
                lambda choice: rx.el.label(
                    rx.el.input(type="checkbox", name=choice["name"], class_name="in"),
                    choice["label"],
                    class_name="tick",
                ),
            ),
            class_name="checks",
        ),
        rx.el.div(rx.el.button(t("Créer la clé"), type="submit", class_name="btn p"), class_name="row"),
        on_submit=Keys.make,
        key=f"k{Keys.round}",
        class_name="stack",
    )


def _row(key: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(key["label"]),
        rx.el.td(key["scopes"], class_name="m"),
        rx.el.td(key["made"], class_name="m"),
        rx.el.td(key["expires"], class_name="m"),
        rx.el.td(
            rx.el.button(t("Révoquer"), type="button", class_name="btn q sm", on_click=Keys.revoke(key["id"])),
            class_name="r",
        ),
    )
