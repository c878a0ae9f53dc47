"""The one list of records (`record_table.jsx`) and its head with views (`tabs.jsx`), as components.

`view` is one JSON text with address, sort, group, rows `[id, version, cell, …]`, columns, filters, tabs, verbs, rights;
`counts` another with totals, chips, facets and groups, which follows; `answer` what a deed or its preview told. Texts
instead of structures: no proxies, equality is one comparison.
"""

from typing import Any

import reflex as rx

from app.text import t


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


def _asked(address: rx.Var[str], number: rx.Var[int]) -> tuple[rx.Var[str], rx.Var[int]]:
    return (address, number)


def _bulk(
    verb: rx.Var[str], ids: rx.Var[list[str]], value: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[list[str]], rx.Var[str]]:
    return (verb, ids, value)


def _cell(
    record_id: rx.Var[str], column: rx.Var[str], text: rx.Var[str], version: rx.Var[int]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[str], rx.Var[int]]:
    return (record_id, column, text, version)


def _block(cells: rx.Var[list[list[Any]]]) -> tuple[rx.Var[list[list[Any]]]]:
    return (cells,)


def _saved(
    name: rx.Var[str], address: rx.Var[str], shared: rx.Var[bool]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[bool]]:
    return (name, address, shared)


def _pinned(view_id: rx.Var[str], pinned: rx.Var[bool]) -> tuple[rx.Var[str], rx.Var[bool]]:
    return (view_id, pinned)


def _roles(view_id: rx.Var[str], roles: rx.Var[list[str]]) -> tuple[rx.Var[str], rx.Var[list[str]]]:
    return (view_id, roles)


_FILES = {
    name: f"$/public{rx.asset(f'{name}.jsx', shared=True)}"
    for name in ("cells", "tools", "columns", "keys", "bulk", "record_table", "tabs")
}


class RecordTable(rx.Component):
    """The list with its tools."""

    library = _FILES["record_table"]
    tag = "RecordTable"
    view: rx.Var[str]
    counts: rx.Var[str]
    answer: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    link_to: rx.Var[str]
    peeking: rx.Var[bool]
    on_query: rx.EventHandler[_asked]
    on_open: rx.EventHandler[_one]
    on_peek: rx.EventHandler[_one]
    on_cell: rx.EventHandler[_cell]
    on_preview_bulk: rx.EventHandler[_bulk]
    on_bulk: rx.EventHandler[_bulk]
    on_preview_paste: rx.EventHandler[_block]
    on_paste: rx.EventHandler[_block]


class RecordTabs(rx.Component):
    """Views, columns and export, for the head of the page."""

    library = _FILES["tabs"]
    tag = "RecordTabs"
    view: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    export_to: rx.Var[str]
    on_query: rx.EventHandler[_asked]
    on_save_view: rx.EventHandler[_saved]
    on_remove_view: rx.EventHandler[_one]
    on_pin_view: rx.EventHandler[_pinned]
    on_begin_with: rx.EventHandler[_roles]


def table_labels() -> dict[str, Any]:
    """Return the words of the list in the browser's language."""
    return {**_reading_labels(), **_view_labels(), **_deed_labels()}


def _reading_labels() -> dict[str, Any]:
    return {
        "mark": t("{p}, entre {low} et {high}"),
        "markNone": t("pas de probabilité"),
        "removeFilter": t("Retirer le filtre"),
        "filter": t("Filtre"),
        "field": t("Champ"),
        "operator": t("Condition"),
        "operators": [["is", t("est")], ["contains", t("contient")], ["from", t("au moins")], ["to", t("au plus")]],
        "value": t("Valeur"),
        "apply": t("Filtrer"),
        "group": t("Grouper"),
        "noGroup": t("Sans groupes"),
        "search": t("Chercher dans la liste"),
        "before": t("Page précédente"),
        "after": t("Page suivante"),
        "loading": t("Chargement"),
        "refused": t("Cette liste ne peut pas être montrée."),
        "startAgain": t("Recommencer"),
        "list": t("Liste"),
        "showAll": t("Tout montrer"),
    }


def _view_labels() -> dict[str, Any]:
    return {
        "views": t("Vues"),
        "removeView": t("Supprimer la vue"),
        "saveView": t("Enregistrer cette vue"),
        "viewName": t("Nom de la vue"),
        "shareView": t("pour tout le monde"),
        "sharedView": t("partagée"),
        "pin": t("Épingler"),
        "beginsFor": t("Vue de départ :"),
        "columns": t("Colonnes"),
        "width": t("Largeur de la colonne"),
        "earlier": t("Plus à gauche :"),
        "later": t("Plus à droite :"),
        "export": t("Exporter"),
    }


def _deed_labels() -> dict[str, Any]:
    return {
        "choose": t("Choisir"),
        "chooseAll": t("Choisir toute la page"),
        "chooseView": t("Choisir toute la vue ({count})"),
        "chosen": [t("choisie"), t("choisies")],
        "bulk": t("Pour les lignes choisies"),
        "records": [t("fiche"), t("fiches")],
        "refusedOnes": [t("refusée"), t("refusées")],
        "goodCells": [t("cellule"), t("cellules")],
        "check": t("Vérifier"),
        "doIt": t("Confirmer ({count})"),
        "asJob": t("Travail en arrière-plan ; vérifié sur les {tried} premières."),
        "cancel": t("Ne rien faire"),
        "clear": t("Ne plus choisir"),
        "pasteTitle": t("Coller un bloc"),
        "pasteLeft": [
            t("{count} ligne au-delà de la page est laissée"),
            t("{count} lignes au-delà de la page sont laissées"),
        ],
        "pasteDo": [t("Coller {count} cellule"), t("Coller {count} cellules")],
    }


record_table = RecordTable.create
record_tabs = RecordTabs.create
