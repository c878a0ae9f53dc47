"""The one form of every kind (`record_form.jsx`); `view` is the JSON text of `app.records.form_view`."""

from typing import Any

import reflex as rx

from app.platform import sent
from app.text import t


class RecordForm(rx.Component):
    """Fields, errors, draft and conflicts."""

    library = f"$/public{rx.asset('record_form.jsx', shared=True)}"
    tag = "RecordForm"
    view: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    owner: rx.Var[str]
    kept: rx.Var[str]
    found: rx.Var[str]
    doubles: rx.Var[str]
    save_label: rx.Var[str]
    on_typed: rx.EventHandler[sent]
    on_save: rx.EventHandler[sent]
    on_abandon: rx.EventHandler[sent]
    on_leave: rx.EventHandler[sent]
    on_search: rx.EventHandler[sent]


def form_labels() -> dict[str, Any]:
    """Return the words of the form in the browser's language."""
    return {
        "pick": t("Taper les premières lettres"),
        "nothing": t("Rien trouvé"),
        "mine": t("garder ma valeur"),
        "theirs": t("prendre l’autre valeur"),
        "conflict": t("Rien n’est encore enregistré : choisissez la valeur des champs que vous avez modifiés à deux."),
        "draft": t("Brouillon du {when} repris"),
        "abandon": t("Abandonner"),
        "leave": t("Ne rien changer"),
        "kept": t("Brouillon gardé à {when}"),
    }


record_form = RecordForm.create
