"""`/importer`: which kind of record a file holds, and the starter files; `/pistes/importer` leads on to the leads."""

from typing import Any

import reflex as rx

from app import routes
from app.imports.kinds import KINDS, kind_named
from app.imports.pages.state import MAY
from app.platform import handler
from app.session import current_actor
from app.shell import screen
from app.text import say, t
from db.access.rules import may


class ImportChoice(rx.State):
    """The kinds that the person may import."""

    kinds: list[dict[str, str]] = []

    @handler(MAY)
    async def load(self) -> None:
        """Show the kinds."""
        by = await current_actor(self)
        self.kinds = [
            {
                "href": routes.import_of(kind.name),
                "name": kind.name,
                "label": say(by.language, kind.label),
                "purpose": say(by.language, kind.purpose),
                "recognised": say(by.language, kind.recognised) if kind.identify else "",
            }
            for kind in map(kind_named, KINDS)
            if may(by, kind.permission)
        ]

    @handler(MAY)
    async def go_on(self) -> Any:
        """Lead an older address on to where leads are imported now."""
        asked = self.router.url.query_parameters.get("import", "")
        return rx.redirect(routes.import_of("leads", asked))


@screen(route=routes.IMPORT, title="Importer", permission=MAY, on_load=ImportChoice.load)
def choice() -> rx.Component:
    """Draw one line per kind."""
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                t("Choisir ce que contient le fichier. Rien n’est écrit avant la vérification ; un import s’annule."),
                class_name="m",
            ),
            rx.el.div(rx.foreach(ImportChoice.kinds, _kind), class_name="import-kinds"),
            rx.el.div(
                rx.el.div(t("Modèles de fichiers (Excel)"), class_name="b"),
                rx.el.div(
                    t("Un classeur par genre de fiche, avec les bons titres de colonnes et une ligne d’exemple."),
                    class_name="s m",
                ),
                rx.el.a(
                    rx.icon("download", size=13, class_name="i s"),
                    t("Télécharger les modèles"),
                    href=routes.STARTER_FILES,
                    custom_attrs={"download": "modeles-boussole.zip"},
                    reload_document=True,
                    class_name="btn",
                ),
                class_name="import-starter",
            ),
            class_name="pad",
        ),
        class_name="import-page",
    )


def _kind(row: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.el.a(
        rx.el.div(row["label"], class_name="b"),
        rx.el.div(row["purpose"], class_name="s m"),
        rx.cond(
            row["recognised"] != "",
            rx.el.div(t("Reconnaît les fiches connues : "), row["recognised"], class_name="s f"),
        ),
        href=row["href"],
        class_name="import-kind",
    )


@screen(route=routes.OLD_IMPORT_LEADS, title="Importer", permission=MAY, on_load=ImportChoice.go_on)
def old_address() -> rx.Component:
    """Draw nothing: the person is led on."""
    return rx.el.div()
