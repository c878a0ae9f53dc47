"""What the dry run found, and what the import did."""

from typing import Any

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
    said = rx.el.span(t("Ces lignes ne sont pas importées ; les autres le sont."), class_name="m s")
    heads = (t("Ligne"), t("Colonne"), t("Valeur"), t("Raison"))
    return rx.el.div(
        _with_download(said, t("Télécharger les refus"), Importing.download(Importing.import_id)),
        _table(heads, rx.foreach(Importing.problems, _problem), "import-problems"),
    )


def _with_download(said: rx.Component, label: Any, on_click: Any) -> rx.Component:
    """Draw what is said of a table, with the button that gives it whole as a file."""
    icon = rx.icon("download", size=13, class_name="i s")
    button = rx.el.button(icon, label, type="button", class_name="btn sm", on_click=on_click)
    return rx.el.div(said, rx.el.span(class_name="sp"), button, class_name="row")


def _table(heads: tuple[Any, ...], rows: rx.Component, class_name: str) -> rx.Component:
    head = rx.el.thead(rx.el.tr(*[rx.el.th(one) for one in heads]))
    return rx.el.table(head, rx.el.tbody(rows), class_name=class_name)


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
            ("done", rx.cond(result["is_partly_undone"] != "", _partly_undone(), _done())),
            ("cancelled", rx.cond(result["is_partly_undone"] != "", _partly_undone(), _stopped())),
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
            class_name="row g6 wrap",
        ),
        rx.el.p(
            t(
                "Annuler retire les fiches créées et rend aux autres leurs valeurs. "
                "Ce qui a changé depuis reste et est nommé, champ par champ."
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


def _partly_undone() -> rx.Component:
    """Draw an undoing that was stopped: what came back stays back, and it can go on."""
    return section(
        t("Annulation arrêtée"),
        _back_figures(),
        rx.el.p(
            Importing.result["waiting"],
            t(" fiches attendent encore. Ce qui est revenu reste revenu ; rien n’est fait deux fois."),
            class_name="m s",
        ),
        rx.el.div(
            rx.el.button(
                t("Continuer l’annulation"),
                type="button",
                class_name="btn p",
                on_click=Importing.undo(Importing.import_id),
            ),
            _look("btn"),
            class_name="row g6",
        ),
        _left(),
    )


def _undone() -> rx.Component:
    return section(
        t("Import annulé"),
        _back_figures(),
        _left(),
        rx.el.a(t("Importer un autre fichier"), href=routes.import_of(Importing.kind), class_name="btn"),
        aside=Importing.result["undone"],
    )


def _back_figures() -> rx.Component:
    result = Importing.result
    return rx.el.div(
        facts_row(
            (t("Fiches retirées"), result["removed"]),
            (t("Fiches rendues à leurs valeurs"), result["restored"]),
            (t("Restées telles quelles"), _refused(result["kept"], result["has_kept"])),
        ),
        class_name="import-figures",
    )


def _left() -> rx.Component:
    """Draw what the undoing left as it is, row by row and field by field, and why."""
    heads = (t("Genre"), t("Fiche"), t("Champ"), t("Raison"))
    said = rx.el.span(t("Ce que d’autres ont changé depuis reste tel quel :"), class_name="amb s")
    rows = _table(heads, rx.foreach(Importing.kept, _left_row), "import-problems import-left")
    table = rx.el.div(
        _with_download(said, t("Télécharger la liste"), Importing.download_left(Importing.import_id)),
        rx.el.div(rows, class_name="scrolls"),
        rx.cond(
            Importing.result["more_kept"] != "",
            rx.el.p(Importing.result["more_kept"], t(" autres : voir la liste à télécharger."), class_name="s f"),
        ),
    )
    return rx.cond(Importing.kept.length() > 0, table)  # type: ignore[attr-defined]


def _left_row(row: rx.Var[dict[str, str]]) -> rx.Component:
    name = rx.cond(row["href"] != "", rx.el.a(row["name"], href=row["href"], class_name="lk"), rx.el.span(row["name"]))
    return rx.el.tr(
        rx.el.td(row["kind"], class_name="m"),
        rx.el.td(name, class_name="el"),
        rx.el.td(rx.cond(row["field"] != "", row["field"], "—")),
        rx.el.td(row["why"], class_name="wide"),
    )
