"""What the dry run found, and what the import did."""

import reflex as rx

from app import routes
from app.components import facts_row, section
from app.imports.pages.state import Importing
from app.text import t


def findings() -> rx.Component:
    """Draw what would happen and the first cells that are refused."""
    counts = Importing.checked
    figures = facts_row(
        (t("À créer"), counts["created"]),
        (t("À mettre à jour"), counts["updated"]),
        (t("Refusées"), _refused(counts["refused"], counts["has_refused"])),
    )
    return section(
        t("Vérification"),
        rx.el.div(figures, class_name="import-figures"),
        rx.cond(
            counts["has_refused"] != "",
            _problems(),
            rx.el.div(
                rx.icon("check", size=13, class_name="i s grn"),
                t("Chaque ligne se lit. Rien n’est encore écrit."),
                class_name="row g6 s",
            ),
        ),
    )


def _refused(count: rx.Var[str], has_any: rx.Var[str]) -> rx.Component:
    return rx.el.span(count, class_name=rx.cond(has_any != "", "red", ""))


def _problems() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(t("Ces lignes ne sont pas importées ; les autres le sont."), class_name="m s"),
            rx.el.span(class_name="sp"),
            rx.el.button(
                rx.icon("download", size=13, class_name="i s"),
                t("Télécharger les refus"),
                type="button",
                class_name="btn sm",
                on_click=Importing.download(Importing.import_id),
            ),
            class_name="row",
        ),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("Ligne"), class_name="r"),
                    rx.el.th(t("Colonne")),
                    rx.el.th(t("Valeur")),
                    rx.el.th(t("Raison")),
                )
            ),
            rx.el.tbody(rx.foreach(Importing.problems, _problem)),
            class_name="import-problems",
        ),
    )


def _problem(row: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row["line"], class_name="r f"),
        rx.el.td(row["column"], class_name="el"),
        rx.el.td(row["value"], class_name="el", title=row["value"]),
        rx.el.td(row["reason"], class_name="wide"),
    )


def outcome() -> rx.Component:
    """Draw what the import did, and how to take it back."""
    result = Importing.result
    return rx.el.div(
        rx.el.div(
            rx.icon("file-spreadsheet", size=15, class_name="i"),
            rx.el.span(Importing.file["name"], class_name="b"),
            rx.el.span(result["ended"], class_name="f"),
            class_name="tools",
        ),
        rx.cond(Importing.problem != "", rx.el.div(Importing.problem, class_name="callout error pad", role="alert")),
        rx.match(
            Importing.stage,
            ("done", _done()),
            ("cancelled", _stopped()),
            _undone(),
        ),
        rx.cond(
            (result["has_refused"] != "") & (Importing.stage != "undone"), section(t("Lignes refusées"), _problems())
        ),
        class_name="import-page",
    )


def _counts() -> rx.Component:
    result = Importing.result
    return rx.el.div(
        facts_row(
            (t("Lignes lues"), result["rows_in"]),
            (t("Créées"), result["created"]),
            (
                t("Mises à jour"),
                rx.fragment(
                    result["updated"],
                    rx.cond(result["unchanged"] != "", rx.fragment(t(", dont inchangées "), result["unchanged"])),
                ),
            ),
            (t("Refusées"), _refused(result["refused"], result["has_refused"])),
        ),
        class_name="import-figures",
    )


def _done() -> rx.Component:
    return section(
        t("Import terminé"),
        _counts(),
        rx.el.div(
            _look("btn p"),
            undo_button(),
            rx.el.a(t("Importer un autre fichier"), href=routes.import_of(Importing.kind), class_name="btn q"),
            class_name="row g6",
        ),
        rx.el.p(
            t(
                "Annuler retire les fiches créées et rend aux autres leurs valeurs. "
                "Celles modifiées depuis restent et sont nommées."
            ),
            class_name="s f",
        ),
        aside=Importing.result["seconds"],
    )


def _look(class_name: str) -> rx.Component:
    """Draw the way to what was imported, where it has a list."""
    page = Importing.words["page"]
    href = page + rx.cond(page.contains("?"), Importing.import_id, "")
    return rx.cond(page != "", rx.el.a(t("Voir ce qui est importé"), href=href, class_name=class_name))


def undo_button() -> rx.Component:
    """Draw the button that undoes the import whole."""
    return rx.el.button(
        t("Annuler l’import"), type="button", class_name="btn", on_click=Importing.undo(Importing.import_id)
    )


def _stopped() -> rx.Component:
    result = Importing.result
    buttons = rx.el.div(
        rx.el.button(t("Reprendre"), type="button", class_name="btn p", on_click=Importing.run(Importing.import_id)),
        _look("btn"),
        undo_button(),
        class_name="row g6",
    )
    left = rx.el.p(
        result["left"], t(" lignes restent à importer. Ce qui est écrit reste jusqu’à l’annulation."), class_name="m s"
    )
    return section(
        t("Import arrêté"),
        rx.cond(
            (Importing.result["ended"] != "") | (Importing.columns.length() > 0),
            rx.fragment(_counts(), rx.cond(result["left"] != "", left), buttons),
            rx.el.p(t("Rien n’a été écrit."), class_name="m"),
        ),
    )


def _undone() -> rx.Component:
    result = Importing.result
    return section(
        t("Import annulé"),
        rx.el.div(
            facts_row(
                (t("Fiches retirées"), result["removed"]), (t("Fiches rendues à leurs valeurs"), result["restored"])
            ),
            class_name="import-figures",
        ),
        rx.cond(
            result["kept"] != "",
            rx.el.div(
                rx.el.p(
                    result["kept"],
                    t(" fiches ont changé depuis l’import et restent telles quelles :"),
                    class_name="amb",
                ),
                rx.el.ul(
                    rx.foreach(
                        Importing.kept,
                        lambda row: rx.el.li(
                            rx.cond(
                                row["id"] != "",
                                rx.el.a(row["name"], href="/pistes/" + row["id"], class_name="lk"),
                                rx.el.span(row["name"]),
                            ),
                            " ",
                            rx.el.span(row["reason"], class_name="f"),
                        ),
                    )
                ),
            ),
        ),
        rx.el.a(t("Importer un autre fichier"), href=routes.import_of(Importing.kind), class_name="btn"),
        aside=result["undone"],
    )
