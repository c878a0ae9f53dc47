"""`/compter/[count_id]`: entering what is there, with one thumb. What is typed waits on the phone until it is kept."""

import asyncio
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import now
from app.platform import handler, sent
from app.session import current_actor
from app.shell import screen
from app.stock.sheet_view import changed_since, find_item, find_on_photo, read_id, save_number, sheet_view
from app.text import say, t
from db.kernel.errors import BusinessError, NotFound

COUNT = "stock.count"
LONGEST_PHOTO = 2_500_000


class CountPad(rx.Component):
    """The sheet, one item at a time, with its keys (`count_pad.jsx`)."""

    library = f"$/public{rx.asset('count_pad.jsx', shared=True)}"
    tag = "CountPad"
    view: rx.Var[str]
    answer: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    back: rx.Var[str]
    on_number: rx.EventHandler[sent]
    on_find: rx.EventHandler[sent]
    on_photo: rx.EventHandler[sent]


class Counting(rx.State):
    """One sheet while it is counted. Every number is kept by the server at once."""

    sheet: str = ""
    answer: str = ""
    missing: str = ""
    _since: str = ""

    @handler(COUNT)
    async def load(self) -> None:
        """Show the sheet of the address."""
        actor = await current_actor(self)
        self.answer, self.missing, self._since = "", "", now().isoformat()
        try:
            self.sheet = await asyncio.to_thread(sheet_view, actor, self._id())
        except NotFound as refusal:
            self.sheet, self.missing = "", say(actor.language, refusal.message_id)

    @handler(COUNT)
    async def number(self, sent: dict[str, Any]) -> None:
        """Enter one number; the answer tells how its line stands, and what others have counted meanwhile."""
        actor, sent = await current_actor(self), sent if isinstance(sent, dict) else {}
        try:
            done = await asyncio.to_thread(save_number, actor, self._id(), sent)
        except BusinessError as refusal:
            done = {"line": None, "error": say(actor.language, refusal.message_id, **refusal.params), "asks": False}
        await self._tell("number", sent, done)

    @handler(COUNT)
    async def find(self, sent: dict[str, Any]) -> None:
        """Look for an item by what was typed or scanned."""
        text = str((sent if isinstance(sent, dict) else {}).get("text", ""))
        actor = await current_actor(self)
        await self._tell("find", {}, await asyncio.to_thread(find_item, actor, self._id(), text))

    @handler(COUNT)
    async def photo(self, sent: dict[str, Any]) -> None:
        """Look for the item whose barcode a photo shows."""
        data = str((sent if isinstance(sent, dict) else {}).get("data", ""))[:LONGEST_PHOTO]
        actor = await current_actor(self)
        await self._tell("find", {}, await asyncio.to_thread(find_on_photo, actor, self._id(), data))

    async def _tell(self, what: str, sent: dict[str, Any], done: dict[str, Any]) -> None:
        actor, at = await current_actor(self), now()
        since = datetime.fromisoformat(self._since) if self._since else at
        others = await asyncio.to_thread(changed_since, actor, self._id(), since)
        self._since = at.isoformat()
        told = {"what": what, "key": str(sent.get("key", ""))[:80], "at": at.isoformat(), "others": others, **done}
        self.answer = json.dumps(told, ensure_ascii=False)

    def _id(self) -> UUID:
        return read_id(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])


def pad_labels() -> dict[str, Any]:
    """Return the words of the pad in the browser's language."""
    return {
        "done": t("{done} sur {all}"),
        "expected": t("Attendu"),
        "counted": t("compté"),
        "next": t("Suivant"),
        "skip": t("Passer"),
        "before": t("Précédent"),
        "find": t("Numéro, code-barres ou nom"),
        "photo": t("Photographier le code-barres"),
        "replace": t("Remplacer"),
        "add": t("Ajouter"),
        "erase": t("Effacer"),
        "waiting": t("{count} en attente d’envoi"),
        "all": t("Tout est compté."),
        "nothing": t("Aucun article sur cette feuille : cherchez-en un par son numéro ou son code-barres."),
        "closed": t("Cet inventaire est terminé : rouvrez-le pour compter encore."),
        "back": t("Voir l’inventaire"),
        "list": t("Tous les articles"),
        "already": t("{name} a compté {counted} à {when}."),
        "quantity": t("Quantité comptée"),
    }


@screen(route=routes.COUNTING, title="Compter", permission=COUNT, on_load=Counting.load)
def counting() -> rx.Component:
    """Draw the sheet."""
    pad = CountPad.create(
        view=Counting.sheet,
        answer=Counting.answer,
        labels=rx.Var.create(pad_labels()),
        back=routes.COUNTS,
        on_number=Counting.number,
        on_find=Counting.find,
        on_photo=Counting.photo,
    )
    missing = rx.el.div(rx.el.div(Counting.missing, class_name="md"), class_name="empty")
    ready = rx.State.is_hydrated & (Counting.sheet != "")  # type: ignore[operator]
    return rx.cond(Counting.missing != "", missing, rx.cond(ready, pad))
