"""`/saisie`: writing entries by keyboard. What is typed is kept at once; the number is given when it is posted."""

import asyncio
import json
from typing import Any

import reflex as rx

from app import routes
from app.doors import now
from app.ledger.entry_view import begin_again, entry_view, find_for_entry, keep_entry, post_typed, save_typed
from app.platform import handler, notify, sent
from app.session import current_actor
from app.shell import screen
from app.text import instant, t
from db.kernel.errors import BusinessError

EDIT, POST = "ledger.edit", "ledger.post"


class EntryPad(rx.Component):
    """The entry with its lines (`entry_pad.jsx`)."""

    library = f"$/public{rx.asset('entry_pad.jsx', shared=True)}"
    _parts = [rx.asset(name, shared=True) for name in ("entry_fields.jsx", "entry_words.jsx")]
    tag = "EntryPad"
    view: rx.Var[str]
    answer: rx.Var[str]
    kept: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    on_typed: rx.EventHandler[sent]
    on_post: rx.EventHandler[sent]
    on_save: rx.EventHandler[sent]
    on_find: rx.EventHandler[sent]
    on_abandon: rx.EventHandler[sent]


class Entering(rx.State):
    """The entry that is being written."""

    view: str = ""
    answer: str = ""
    kept: str = ""

    @handler(EDIT)
    async def load(self) -> None:
        """Show the entry of the address, one like an earlier one, what was left unfinished, or an empty one."""
        actor, given = await current_actor(self), dict(self.router.url.query_parameters)
        self.answer, self.kept = "", ""
        wanted = {"draft": given.get("ecriture", ""), "like": given.get("comme", "")}
        self.view = await asyncio.to_thread(entry_view, actor, **wanted)

    @handler(EDIT)
    async def typed(self, payload: dict[str, Any]) -> None:
        """Keep what is being typed."""
        actor = await current_actor(self)
        await asyncio.to_thread(keep_entry, actor, payload)
        self.kept = instant(now(), now())

    @handler(POST)
    async def post(self, payload: dict[str, Any]) -> Any:
        """Post the entry, or say beside its fields what stands against it."""
        return await self._deed(post_typed, payload)

    @handler(EDIT)
    async def save(self, payload: dict[str, Any]) -> Any:
        """Keep the entry among the entries, as a draft."""
        return await self._deed(save_typed, payload)

    async def _deed(self, deed: Any, payload: dict[str, Any]) -> Any:
        actor = await current_actor(self)
        try:
            told = await asyncio.to_thread(deed, actor, payload)
        except BusinessError as refusal:
            self._tell({"what": "refused", "errors": {}})
            raise refusal
        self._tell(told)
        self.kept = ""
        return notify(told["notice"], number=told["number"]) if told.get("notice") else None

    @handler(EDIT)
    async def find(self, payload: dict[str, Any]) -> None:
        """Find parties, what is open with one, or earlier entries, as a field asks."""
        actor = await current_actor(self)
        self._tell(await asyncio.to_thread(find_for_entry, actor, payload))

    @handler(EDIT)
    async def abandon(self, payload: dict[str, Any]) -> None:
        """Forget what was typed."""
        actor = await current_actor(self)
        self.view, self.kept = await asyncio.to_thread(begin_again, actor, payload), ""

    def _tell(self, told: dict[str, Any]) -> None:
        self.answer = json.dumps({**told, "at": now().isoformat()}, ensure_ascii=False)


def pad_labels() -> dict[str, Any]:
    """Return the words of the screen in the browser's language."""
    return {
        "date": t("Date"),
        "document": t("Pièce"),
        "text": t("Libellé"),
        "account": t("Compte"),
        "lineText": t("Libellé de la ligne"),
        "debit": t("Débit"),
        "credit": t("Crédit"),
        "contra": t("Contrepartie"),
        "party": t("Client ou fournisseur"),
        "due": t("Échéance"),
        "settles": t("Règle le poste"),
        "noItem": t("aucun : nouveau poste"),
        "foreign": t("Montant en {currency}"),
        "line": t("Ligne {number}"),
        "remove": t("Supprimer la ligne"),
        "add": t("Ajouter une ligne"),
        "post": t("Comptabiliser"),
        "save": t("Garder comme brouillon"),
        "difference": t("Écart"),
        "balanced": t("équilibrée"),
        "total": t("Total"),
        "unknown": t("Aucun compte à ce numéro ni à ce nom."),
        "noPeriod": t("Aucun exercice ne contient ce jour."),
        "closed": t("Période close : choisissez une date plus récente."),
        "reserved": t("Période fermée pour le bouclement."),
        "closedUntil": t("Clos jusqu’au {day}"),
        "fixed": t("Clos jusqu’au {day} · fermé provisoirement jusqu’au {other}"),
        "reservedUntil": t("Fermé provisoirement jusqu’au {day}"),
        "draft": t("Saisie du {when} reprise"),
        "abandon": t("Abandonner"),
        "kept": t("Gardé à {when}"),
        "posted": t("Comptabilisée sous {number}"),
        "newest": t("Dernières écritures"),
        "like": t("Comme la dernière fois"),
        "nothing": t("Rien trouvé"),
        "again": t("Refaire"),
        "badDate": t("Écrivez par exemple 24, 2411 ou 24.11.2026."),
        "noAccounts": t("Il n’y a pas encore de plan comptable."),
        "chart": t("Créer ou importer le plan"),
        "help": t(
            "Entrée : champ suivant · Ctrl Entrée : comptabiliser · + et − sur la date · Alt Suppr : retirer la ligne"
        ),
    }


@screen(
    route=routes.ENTERING,
    title="Saisie d’écritures",
    permission=EDIT,
    on_load=Entering.load,
    keys=(("↵", "champ suivant"), ("Ctrl ↵", "comptabiliser"), ("Alt Suppr", "retirer la ligne")),
)
def entering() -> rx.Component:
    """Draw the entry."""
    pad = EntryPad.create(
        view=Entering.view,
        answer=Entering.answer,
        kept=Entering.kept,
        labels=rx.Var.create(pad_labels()),
        on_typed=Entering.typed,
        on_post=Entering.post,
        on_save=Entering.save,
        on_find=Entering.find,
        on_abandon=Entering.abandon,
    )
    return rx.cond(rx.State.is_hydrated & (Entering.view != ""), pad)  # type: ignore[operator]
