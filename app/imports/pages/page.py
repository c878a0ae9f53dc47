"""`/importer/[kind]`: from a file to records in four steps, each of which can be left and found again."""

import reflex as rx

from app import routes
from app.components import empty_state, error_state, progress_bar, section, tag
from app.gateways.table_files import MOST_BYTES
from app.imports.pages.columns import choices_panel, columns_table
from app.imports.pages.outcome import findings, outcome, undo_button
from app.imports.pages.state import MAY, Importing
from app.platform import file_drop
from app.shell import screen
from app.text import t

UPLOAD = "import"


@screen(
    route=routes.IMPORT_KIND,
    title="Importer",
    permission=MAY,
    on_load=Importing.load,
    head=lambda: _steps(),
)
def import_file() -> rx.Component:
    """Draw the step at which the import stands."""
    return rx.match(
        Importing.stage,
        ("", _choice_of_file()),
        ("uploaded", _working()),
        ("working", _working()),
        ("mapped", _mapping()),
        ("failed", _failed()),
        outcome(),
    )


def _steps() -> rx.Component:
    """Draw where the import stands, after the title."""

    def step(number: str, label: rx.Var[str]) -> rx.Component:
        is_on = Importing.step == number
        return rx.el.li(rx.el.span(number, class_name="n"), label, class_name=rx.cond(is_on, "on", ""))

    return rx.el.ol(
        step("1", t("Fichier")),
        step("2", t("Colonnes")),
        step("3", t("Vérification")),
        step("4", t("Import")),
        class_name="import-steps",
    )


def _choice_of_file() -> rx.Component:
    zone = file_drop(
        rx.icon("file-up", size=20, class_name="i"),
        rx.el.div(t("Déposer un fichier CSV ou Excel ici, ou "), rx.el.span(t("le choisir"), class_name="lk")),
        rx.el.div(
            t("CSV, TSV ou XLSX, aussi en .gz ; au plus 50 Mo. Rien n’est écrit avant la vérification."),
            class_name="s f",
        ),
        label=t("Fichier à importer"),
        id=UPLOAD,
        multiple=False,
        max_size=MOST_BYTES,
        on_drop=Importing.receive(rx.upload_files(upload_id=UPLOAD)),  # type: ignore[arg-type]
        on_drop_rejected=Importing.reject,
        class_name="drop",
    )
    return rx.el.div(
        rx.cond(
            Importing.problem != "",
            rx.el.div(error_state(t("Import introuvable"), Importing.problem), class_name="pad"),
        ),
        rx.cond(rx.State.is_hydrated, rx.el.div(zone, class_name="pad")),  # a file dropped earlier would be lost
        rx.cond(Importing.kind != "", _starter()),
        section(
            t("Mes imports"),
            rx.cond(
                Importing.recent,
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th(t("Fichier")),
                            rx.el.th(t("État")),
                            rx.el.th(t("Lignes"), class_name="r"),
                            rx.el.th(t("Créées"), class_name="r"),
                            rx.el.th(t("Mises à jour"), class_name="r"),
                            rx.el.th(t("Refusées"), class_name="r"),
                            rx.el.th(t("Quand")),
                        )
                    ),
                    rx.el.tbody(rx.foreach(Importing.recent, _recent)),
                    class_name="import-recent",
                ),
                empty_state(t("Aucun import"), t("Le premier apparaît ici dès qu’un fichier est déposé.")),
            ),
        ),
        class_name="import-page",
    )


def _starter() -> rx.Component:
    """Draw the way to the kind's own workbook, for who has no file yet."""
    return rx.el.div(
        rx.el.span(t("Pas encore de fichier ? "), class_name="m"),
        rx.el.a(
            rx.icon("download", size=13, class_name="i s"),
            t("Télécharger le modèle Excel"),
            href=routes.STARTER_FILE + "/" + Importing.kind,
            custom_attrs={"download": True},
            reload_document=True,
            class_name="lk",
        ),
        rx.el.span(t(" : les bons titres, une ligne d’exemple, des remarques."), class_name="f"),
        class_name="pad s import-starter-line",
    )


def _recent(row: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.a(row["name"], href=routes.import_of(Importing.kind, row["id"]), class_name="lk"), class_name="el"
        ),
        rx.el.td(_state(row["state"])),
        rx.el.td(row["rows"], class_name="r"),
        rx.el.td(row["created"], class_name="r"),
        rx.el.td(row["updated"], class_name="r"),
        rx.el.td(row["refused"], class_name="r"),
        rx.el.td(row["at"], class_name="f"),
    )


def _state(state: rx.Var[str]) -> rx.Component:
    return rx.match(
        state,
        ("uploaded", tag(t("en lecture"), "amb")),
        ("mapped", tag(t("à vérifier"), "amb")),
        ("running", tag(t("import en cours"), "ac")),
        ("done", tag(t("terminé"), "grn")),
        ("failed", tag(t("non importé"), "red")),
        ("undone", tag(t("annulé"))),
        tag(t("arrêté")),
    )


def _size() -> rx.Component:
    file = Importing.file
    return rx.fragment(
        t("{rows} lignes, {columns} colonnes", rows=file["rows"], columns=file["columns"]),
        rx.cond(file["blank"] != "", t(", {blank} vides ignorées", blank=file["blank"]), ""),
    )


def _format() -> rx.Component:
    file = Importing.file
    text = t("Texte {encoding}, séparateur « {sign} »", encoding=file["encoding"], sign=file["delimiter"])
    return rx.cond(file["format"] == "xlsx", t("Classeur Excel, feuille « {sheet} »", sheet=file["sheet"]), text)


def _file_facts() -> rx.Component:
    return rx.el.div(
        rx.icon("file-spreadsheet", size=15, class_name="i"),
        rx.el.span(Importing.file["name"], class_name="b"),
        rx.el.span(_size(), class_name="m"),
        rx.el.span(_format(), class_name="f"),
        rx.cond(
            Importing.sheets.length() > 1,
            rx.el.select(
                rx.foreach(Importing.sheets, lambda name: rx.el.option(name, value=name)),
                value=Importing.sheet,
                on_change=lambda name: Importing.read_sheet(Importing.import_id, name),
                class_name="in short",
                aria_label=t("Feuille"),
            ),
        ),
        rx.cond(Importing.file["remarks"] != "", rx.el.span(Importing.file["remarks"], class_name="amb s")),
        class_name="tools import-file",
    )


def _working() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.icon("file-spreadsheet", size=15, class_name="i"),
            rx.el.span(Importing.file["name"], class_name="b"),
            class_name="tools",
        ),
        rx.el.div(
            progress_bar(Importing.job, on_cancel=Importing.stop(Importing.job["id"])),
            rx.el.p(
                t("Vous pouvez quitter cette page : le travail continue et se retrouve sous « Mes imports »."),
                class_name="s f",
            ),
            class_name="pad import-work",
        ),
        class_name="import-page",
    )


def _mapping() -> rx.Component:
    return rx.el.div(
        _file_facts(),
        rx.cond(
            Importing.problem != "",
            rx.el.div(error_state(t("Cette correspondance n’est pas possible"), Importing.problem), class_name="pad"),
        ),
        rx.el.div(
            rx.el.div(
                rx.cond(Importing.checked.contains("created"), findings()), columns_table(), class_name="import-main"
            ),
            choices_panel(),
            class_name="import-split",
        ),
        class_name="import-page fill",
    )


def _failed() -> rx.Component:
    again = rx.el.a(t("Choisir un autre fichier"), href=routes.import_of(Importing.kind), class_name="btn p")
    go_on = rx.el.button(t("Reprendre"), type="button", class_name="btn", on_click=Importing.run(Importing.import_id))
    return rx.el.div(
        rx.el.div(
            error_state(
                rx.fragment(t("Le fichier n’a pas été importé : "), Importing.file["name"]),
                Importing.problem,
                again,
                rx.cond(Importing.columns, rx.fragment(go_on, undo_button())),
            ),
            class_name="pad",
        ),
        class_name="import-page",
    )
