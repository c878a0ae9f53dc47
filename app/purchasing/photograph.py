"""`/photographier`: a bill by the phone's camera or from files; each page is sent at once, the note can wait."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do
from app.platform import file_drop, handler, notify
from app.purchasing.receiving import file_draft
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import day, say, t
from db.access.rules import Actor
from db.kernel.errors import BusinessError
from db.purchasing.bills.actions import add_page, receive_bill
from db.purchasing.bills.queries import BillFacts, bill_files, own_bills
from db.purchasing.bills.rules import MOST_BYTES, PHOTOGRAPH, STATE_LABELS, AlreadyReceived, BillState, title_of

CAMERA, FILES = "camera", "files"
ACCEPTED = {
    "image/jpeg": [".jpg", ".jpeg"],
    "image/png": [".png"],
    "image/heic": [".heic", ".heif"],
    "application/pdf": [".pdf"],
}
TONES = {BillState.TO_ENTER: "ac", BillState.ENTERED: "grn", BillState.DISCARDED: ""}


class Photograph(rx.State):
    """The bill that is being handed in, and those handed in before."""

    bill_id: str = ""
    pages: list[str] = []
    problem: str = ""
    first: str = ""  # where the bill is that has the file already
    mine: list[dict[str, str]] = []

    @handler(PHOTOGRAPH)
    async def load(self) -> None:
        """Begin a new bill."""
        self.bill_id, self.pages, self.problem, self.first = "", [], "", ""
        actor = await current_actor(self)
        self.mine = [_line(one, actor) for one in await asyncio.to_thread(ask, actor, own_bills, by=actor)]

    @handler(PHOTOGRAPH)
    async def receive(self, files: list[rx.UploadFile]) -> Any:
        """Keep pages: those of a new bill, or further ones of the bill that was begun."""
        actor = await current_actor(self)
        given = [(file.name or "photo.jpg", await file.read(MOST_BYTES + 1)) for file in files]
        self.problem = self.first = ""
        try:
            bill_id = await asyncio.to_thread(_keep, actor, self.bill_id, given)
        except AlreadyReceived as refusal:
            self.problem, self.first = _words(refusal, actor), routes.bill(refusal.bill_id)
            return None
        except BusinessError as refusal:
            self.problem = _words(refusal, actor)
            return None
        self.bill_id = str(bill_id)
        self.pages = await asyncio.to_thread(_pages, actor, bill_id)
        return notify("Page reçue.")

    @handler(PHOTOGRAPH)
    def reject(self, files: list[dict[str, Any]]) -> Any:
        """Say why the browser did not send what was chosen."""
        return notify("Une photo (JPEG, PNG, HEIC) ou un PDF, 25 Mo au plus.", "error")


def _keep(actor: Actor, bill_id: str, given: list[tuple[str, bytes]]) -> UUID:
    files = tuple(file_draft(name, content) for name, content in given)
    if bill_id:
        found = uuid_of(bill_id)
        do(actor, add_page, bill_id=found, files=files)
        return found
    made: UUID = do(actor, receive_bill, files=files)
    return made


def _pages(actor: Actor, bill_id: UUID) -> list[str]:
    found = ask(actor, bill_files, bill_id=bill_id, by=actor)
    return [routes.bill_picture(one.file_id, number) for one in found for number in range(len(one.pictures))]


def _words(refusal: BusinessError, actor: Actor) -> str:
    return say(actor.language, refusal.message_id, **refusal.params)


def _line(one: BillFacts, actor: Actor) -> dict[str, str]:
    return {
        "href": routes.bill(one.bill_id),
        "name": title_of(one.party_name, one.number, day(one.received_at)),
        "day": day(one.received_at),
        "state": say(actor.language, STATE_LABELS[one.state]),
        "tone": TONES[one.state],
    }


@screen(route=routes.PHOTOGRAPH, title="Photographier une facture", permission=PHOTOGRAPH, on_load=Photograph.load)
def photograph_page() -> rx.Component:
    """Draw the camera, the pages that were sent, and one's earlier bills."""
    return rx.el.div(rx.cond(rx.State.is_hydrated, rx.fragment(_take(), _sent(), _mine())), class_name="task")


def _drop(upload_id: str, icon: str, label: Any, *, camera: bool) -> rx.Component:
    made = file_drop(
        rx.icon(icon, size=20, class_name="i"),
        label,
        label=label,
        id=upload_id,
        multiple=not camera,
        accept=ACCEPTED,
        max_size=MOST_BYTES,
        on_drop=Photograph.receive(rx.upload_files(upload_id=upload_id)),  # type: ignore[arg-type]
        on_drop_rejected=Photograph.reject,
        class_name=f"btn big {'p' if camera else ''}",
    )
    if camera:
        box = made.children[0].children[0]
        box.custom_attrs = {**box.custom_attrs, "capture": "environment"}
    return made


def _take() -> rx.Component:
    begun = Photograph.bill_id != ""
    label = rx.cond(begun, t("Photographier la page suivante"), t("Photographier la facture"))
    refusal = rx.el.p(
        Photograph.problem,
        rx.cond(Photograph.first != "", rx.link(t("Ouvrir la première"), href=Photograph.first, class_name="lk")),
        class_name="refusal red",
        role="alert",
    )
    choose = rx.cond(begun, t("Ajouter un fichier"), t("Choisir une photo ou un PDF"))
    return rx.fragment(
        _drop(CAMERA, "camera", label, camera=True),
        _drop(FILES, "file-up", choose, camera=False),
        rx.cond(Photograph.problem != "", refusal),
    )


def _sent() -> rx.Component:
    picture = rx.foreach(Photograph.pages, lambda page: rx.el.img(src=page, alt=t("Page de la facture")))
    buttons = rx.el.div(
        rx.link(t("Voir la facture"), href=routes.bill(Photograph.bill_id), underline="none", class_name="btn big"),
        rx.el.button(t("Facture suivante"), type="button", class_name="btn big", on_click=Photograph.load),
        class_name="two",
    )
    told = rx.el.p(t("Facture reçue. Elle attend d’être saisie."), class_name="grn", role="status")
    drawn = rx.fragment(told, rx.el.div(picture, class_name="sent-pages"), buttons)
    return rx.cond(Photograph.bill_id != "", drawn)


def _mine() -> rx.Component:
    def line(one: Any) -> rx.Component:
        state = rx.el.span(one["state"], class_name=f"tag {one['tone']}")
        name = rx.el.b(one["name"], class_name="el grow")
        return rx.link(name, state, href=one["href"], class_name="big-choice plain")

    listed = rx.fragment(rx.el.h2(t("Mes dernières factures")), rx.foreach(Photograph.mine, line))
    return rx.cond(Photograph.mine.length() > 0, listed)  # type: ignore[attr-defined]
