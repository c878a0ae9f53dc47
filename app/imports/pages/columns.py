"""The columns of the file, where each goes, and the choices that concern the whole of it."""

import reflex as rx

from app.components import field, section, tag
from app.imports.pages.state import Importing
from app.text import t

TYPES = {
    "text": "texte",
    "number": "nombre",
    "date": "date",
    "yes_no": "oui ou non",
    "choice": "choix",
    "amount": "montant",
    "long_text": "texte long",
}
READERS = {
    "": "qui voit ces fiches",
    "crm.edit_leads": "vente et direction",
    "access.read_history": "direction seule",
}
Row = rx.Var[dict[str, str]]


def columns_table() -> rx.Component:
    """Draw one row per column: name, samples, where it goes, and the properties of an added field."""
    heads = (t("Colonne et exemples"), t("Va dans"), "", t("Type"), t("Visible par"), t("Nominatif"), t("Modèles"))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
            rx.el.tbody(rx.foreach(Importing.columns, _row)),
            class_name="list import-columns",
        ),
        rx.cond(
            Importing.hidden_columns != "",
            rx.el.p(
                Importing.hidden_columns,
                t(" autres colonnes suivent la proposition : ajoutées comme champs, puis ignorées."),
                class_name="pad s f",
            ),
        ),
    )


def _row(row: Row) -> rx.Component:
    is_custom = row["is_custom"] != ""
    return rx.el.tr(
        rx.el.td(
            rx.el.div(row["column"], class_name="md el", title=row["column"]),
            rx.el.div(row["samples"], class_name="f s el", title=row["samples"]),
        ),
        rx.el.td(_target(row)),
        rx.el.td(_certainty(row)),
        rx.el.td(rx.cond(is_custom, _option(row, "type", TYPES, t("Type")))),
        rx.el.td(rx.cond(is_custom, _option(row, "permission", READERS, t("Visible par")))),
        rx.el.td(rx.cond(is_custom, _box(row, "personal", t("Décrit une personne")))),
        rx.el.td(rx.cond(is_custom, _box(row, "feature", t("Les modèles peuvent s’en servir")))),
        class_name=rx.cond(row["is_ignored"] != "", "ignored", ""),
        key=row["column"],
    )


def _certainty(row: Row) -> rx.Component:
    return rx.match(
        row["certainty"],
        ("chosen", tag(t("choisi"))),
        ("sure", tag(t("reconnu"), "grn")),
        ("doubtful", tag(t("à vérifier"), "amb")),
        rx.fragment(),
    )


def _target(row: Row) -> rx.Component:
    return rx.el.select(
        rx.cond(Importing.words["takes_custom"] != "", rx.el.option(t("champ ajouté"), value="custom")),
        rx.el.option(t("ignorer"), value="ignore"),
        rx.el.optgroup(
            rx.foreach(Importing.targets, lambda one: rx.el.option(one["label"], value=one["key"])),
            label=t("Champs de la fiche"),
        ),
        value=row["target"],
        on_change=lambda target: Importing.set_target(Importing.import_id, row["column"], target),
        class_name="in",
        aria_label=t("Va dans"),
    )


def _option(row: Row, option: str, words: dict[str, str], label: rx.Var[str]) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(t(word), value=value) for value, word in words.items()],
        value=row[option],
        on_change=lambda value: Importing.set_option(Importing.import_id, row["column"], option, value),
        class_name="in",
        aria_label=label,
    )


def _box(row: Row, option: str, label: rx.Var[str]) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        checked=row[option] != "",
        on_change=lambda is_on: Importing.set_option(
            Importing.import_id, row["column"], option, rx.cond(is_on, "yes", "no")
        ),
        class_name="in",
        aria_label=label,
        title=label,
    )


def choices_panel() -> rx.Component:
    """Draw what concerns the whole file, and the button that goes on."""
    return rx.el.aside(
        rx.el.div(
            t(
                "Colonnes : {known} reconnues, {added} ajoutées comme champs, {ignored} ignorées.",
                known=Importing.tally["known"],
                added=Importing.tally["added"],
                ignored=Importing.tally["ignored"],
            ),
            class_name="sect m",
        ),
        rx.cond(Importing.remembered != "", section(t("Correspondance"), _remembered())),
        section(t("Fiches déjà connues"), _key_choice()),
        rx.cond(Importing.words["has_order"] != "", section(t("Ordre dans le temps"), _order_choice())),
        rx.cond(Importing.said, section(t("Résultat"), _words())),
        rx.el.div(_buttons(), class_name="sect"),
        class_name="import-side",
    )


def _remembered() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("Comme le {when}", when=Importing.remembered), class_name="s"),
        rx.el.button(
            t("Oublier et proposer à nouveau"),
            type="button",
            class_name="btn sm",
            on_click=Importing.forget(Importing.import_id),
        ),
    )


def _key_choice() -> rx.Component:
    own = rx.cond(
        Importing.words["is_recognised"] != "",
        t("automatique"),
        t("aucune : chaque ligne est une nouvelle fiche"),
    )
    return field(
        t("Colonne qui les reconnaît"),
        rx.el.select(
            rx.el.option(own, value=""),
            rx.foreach(Importing.keys, lambda name: rx.el.option(name, value=name)),
            value=Importing.key,
            on_change=lambda column: Importing.set_key(Importing.import_id, column),
            class_name="in",
        ),
        hint=rx.cond(
            Importing.key != "",
            t("Une fiche qui a cette valeur est mise à jour, sinon créée. Une cellule vide ne change rien."),
            rx.cond(
                Importing.words["is_recognised"] != "",
                rx.fragment(
                    Importing.words["recognised"],
                    t(" Elle est alors mise à jour, sinon créée. Une cellule vide ne change rien."),
                ),
                "",
            ),
        ),
    )


def _order_choice() -> rx.Component:
    by_column = field(
        t("Sans date de réception, l’ordre vient de"),
        rx.el.select(
            rx.el.option(t("l’ordre du fichier"), value=""),
            rx.foreach(Importing.orders, lambda name: rx.el.option(name, value=name)),
            value=Importing.order,
            on_change=lambda column: Importing.set_order(Importing.import_id, column),
            class_name="in",
        ),
        hint=t(
            "Les dates de réception sont alors reconstruites : une ligne par minute, la dernière juste avant l’import."
        ),
    )
    return rx.cond(Importing.has_date, rx.el.p(t("Donné par la colonne « Reçue le »."), class_name="s m"), by_column)


def _words() -> rx.Component:
    return rx.el.table(rx.el.tbody(rx.foreach(Importing.said, _word)), class_name="import-words")


def _word(row: Row) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.span("« ", row["word"], " »"), class_name="el"),
        rx.el.td(
            rx.el.select(
                rx.el.option(t("refuser la ligne"), value=""),
                rx.foreach(Importing.meanings, lambda one: rx.el.option(one["label"], value=one["key"])),
                value=row["state"],
                on_change=lambda state: Importing.set_word(Importing.import_id, row["column"], row["word"], state),
                class_name="in",
                aria_label=row["word"],
            )
        ),
    )


def _buttons() -> rx.Component:
    check = Importing.check(Importing.import_id)
    leave = rx.el.button(
        t("Abandonner"), type="button", class_name="btn q", on_click=Importing.give_up(Importing.import_id)
    )
    write = rx.el.button(
        t("Importer "),
        Importing.checked["writable"],
        t(" lignes"),
        type="button",
        class_name="btn p",
        on_click=Importing.run(Importing.import_id),
        disabled=Importing.checked["is_writable"] == "",
    )
    return rx.cond(
        Importing.checked.contains("created"),
        rx.el.div(
            write,
            rx.el.button(t("Vérifier à nouveau"), type="button", class_name="btn", on_click=check),
            leave,
            class_name="row g6 wrap",
        ),
        rx.el.div(
            rx.el.button(t("Vérifier le fichier"), type="button", class_name="btn p", on_click=check),
            leave,
            class_name="row g6 wrap",
        ),
    )
