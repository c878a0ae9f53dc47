"""The one list of records (`record_table.jsx`) and its head with saved views, for any list screen.

`view` is one JSON text with: address, search, sort, sorted, rows `[id, version, cell, …]`, columns `{key, label,
kind, sort, falls, width}`, allColumns, facets, quick, filters, ranges, custom, tabs, people, may, totals, stamp,
empty, error, total, first, last, hasMore, hasBefore, filterKey.
One text instead of a structure: no proxies, equality is one comparison.
"""

from typing import Any

import reflex as rx

from app.text import t


def _address(address: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (address,)


def _bulk(
    verb: rx.Var[str], ids: rx.Var[list[str]], value: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[list[str]], rx.Var[str]]:
    return (verb, ids, value)


def _saved(
    name: rx.Var[str], address: rx.Var[str], shared: rx.Var[bool]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[bool]]:
    return (name, address, shared)


LIBRARY = f"$/public{rx.asset('record_table.jsx', shared=True)}"


class RecordTable(rx.Component):
    """The list with its tools."""

    library = LIBRARY
    tag = "RecordTable"
    view: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    link_to: rx.Var[str]
    peeking: rx.Var[bool]
    on_query: rx.EventHandler[_address]
    on_open: rx.EventHandler[_address]
    on_peek: rx.EventHandler[_address]
    on_bulk: rx.EventHandler[_bulk]


class RecordTabs(rx.Component):
    """Saved views, columns and export, for the head of the page."""

    library = LIBRARY
    tag = "RecordTabs"
    view: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    on_query: rx.EventHandler[_address]
    on_save_view: rx.EventHandler[_saved]
    on_remove_view: rx.EventHandler[_address]


def table_labels() -> dict[str, Any]:
    """Return the words of the list in the browser's language."""
    return {
        "mark": t("{p}, entre {low} et {high}"),
        "markNone": t("pas de probabilité"),
        "choose": t("Choisir"),
        "chooseAll": t("Choisir toute la page"),
        "removeFilter": t("Retirer le filtre"),
        "filter": t("Filtre"),
        "field": t("Champ"),
        "operator": t("Condition"),
        "operators": [["is", t("est")], ["contains", t("contient")], ["from", t("au moins")], ["to", t("au plus")]],
        "value": t("Valeur"),
        "apply": t("Filtrer"),
        "search": t("Chercher dans la liste"),
        "chosen": t("{count} choisies"),
        "bulk": t("Pour les lignes choisies"),
        "assign": t("Attribuer…"),
        "assignTo": t("Attribuer à"),
        "assignCount": t("Attribuer {count} pistes"),
        "lose": t("Perdues…"),
        "loseReason": t("Motif de la perte"),
        "loseCount": t("Perdre {count} pistes"),
        "cancel": t("Ne rien faire"),
        "clear": t("Ne plus choisir"),
        "before": t("Page précédente"),
        "after": t("Page suivante"),
        "loading": t("Chargement"),
        "refused": t("Cette liste ne peut pas être montrée."),
        "startAgain": t("Recommencer"),
        "list": t("Liste"),
        "views": t("Vues"),
        "showAll": t("Tout montrer"),
        "removeView": t("Supprimer la vue"),
        "saveView": t("Enregistrer cette vue"),
        "viewName": t("Nom de la vue"),
        "shareView": t("pour tout le monde"),
        "columns": t("Colonnes"),
        "export": t("Exporter"),
    }


record_table = RecordTable.create
record_tabs = RecordTabs.create
