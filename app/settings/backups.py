"""`/reglages/sauvegardes`: make, check, take, restore."""

import reflex as rx

from app import routes
from app.components import empty_state, field, section
from app.components.states import progress_bar
from app.settings.backup_state import MANAGE, Backups
from app.shell import screen
from app.text import t


@screen(route=routes.BACKUPS, title="Sauvegardes", permission=MANAGE, on_load=Backups.load, head=lambda: _tools())
def backups_page() -> rx.Component:
    """Draw the list, what is under way, and the nights."""
    return rx.el.div(
        rx.cond(Backups.job_id, section(t("Travail"), progress_bar(Backups.job), _lost())),
        rx.cond(Backups.chosen, _question()),
        section(t("Sauvegardes"), rx.cond(Backups.rows, _list(), _none()), aside=Backups.folder),
        _nights(),
        class_name="settings wide-settings",
    )


def _tools() -> rx.Component:
    make = rx.el.button(
        t("Sauvegarder maintenant"),
        type="button",
        class_name="btn p",
        on_click=Backups.make,
        disabled=Backups.job["is_open"] == "yes",
    )
    return rx.fragment(rx.el.span(class_name="sp"), make)


def _none() -> rx.Component:
    return empty_state(
        t("Aucune sauvegarde encore"),
        t("Une sauvegarde contient toutes les données et tous les fichiers, sans arrêter le travail."),
        rx.el.button(t("Sauvegarder maintenant"), type="button", class_name="btn", on_click=Backups.make),
    )


def _list() -> rx.Component:
    heads = (t("Faite le"), t("Origine"), t("Taille"), t("Lignes"), t("État"))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(*[rx.el.th(head) for head in heads], rx.el.th(rx.el.span(t("Actions"), class_name="vh")))
            ),
            rx.el.tbody(rx.foreach(Backups.rows, _row)),
            class_name="list",
        ),
        class_name="scrolls",
    )


def _row(one: rx.Var[dict[str, str]]) -> rx.Component:
    state = rx.cond(
        one["problem"],
        rx.el.span(t("Ne se restaure pas"), class_name="tag red", title=one["problem"]),
        rx.cond(
            one["checked"],
            rx.el.span(t("Vérifiée par restauration le "), one["checked"], class_name="tag grn"),
            rx.el.span(t("pas encore vérifiée"), class_name="tag"),
        ),
    )
    return rx.el.tr(
        rx.el.td(one["at"], class_name="md"),
        rx.el.td(one["kind"], class_name="m"),
        rx.el.td(one["size"], class_name="r"),
        rx.el.td(one["rows"], class_name="r m"),
        rx.el.td(state),
        rx.el.td(
            rx.el.div(
                _button(t("Vérifier"), Backups.check(one["name"])),
                _button(t("Télécharger"), Backups.take(one["name"])),
                _button(t("Restaurer…"), Backups.choose(one["name"])),
                class_name="row g4",
            ),
            class_name="r",
        ),
    )


def _button(label: rx.Var[str], on_click: object) -> rx.Component:
    return rx.el.button(label, type="button", class_name="btn q sm", on_click=on_click)


def _question() -> rx.Component:
    return section(
        t("Remplacer les données présentes"),
        rx.el.p(
            t("Tout revient à l’état de la sauvegarde du "),
            rx.el.b(Backups.chosen_at),
            t(". Le présent est d’abord sauvegardé ; pendant la restauration, personne ne peut enregistrer."),
            class_name="m",
        ),
        rx.el.form(
            field(
                t("Pour confirmer, écrire la raison sociale : ") + Backups.company_name,
                rx.el.input(name="typed", required=True, auto_complete="off", max_length=200, class_name="in"),
                Backups.problem,
            ),
            rx.el.div(
                rx.el.button(t("Restaurer"), type="submit", class_name="btn danger"),
                rx.el.button(t("Ne rien faire"), type="button", class_name="btn", on_click=Backups.leave),
                class_name="row g6",
            ),
            on_submit=Backups.restore,
            class_name="stack",
        ),
    )


def _lost() -> rx.Component:
    return rx.cond(
        Backups.lost,
        rx.el.div(
            rx.el.b(t("La clé de cette machine n’ouvre pas tous les secrets :")),
            rx.el.ul(rx.foreach(Backups.lost, rx.el.li)),
            class_name="callout",
            role="alert",
        ),
    )


def _nights() -> rx.Component:
    fields = (
        ("hour", t("Chaque nuit dès (heure, 0 à 23)")),
        ("daily", t("Quotidiennes gardées")),
        ("weekly", t("Hebdomadaires gardées")),
        ("monthly", t("Mensuelles gardées")),
    )
    return section(
        t("Chaque nuit"),
        rx.el.form(
            rx.el.div(
                *[field(label, _number(key)) for key, label in fields],
                class_name="fields four",
            ),
            rx.cond(Backups.sentence, rx.el.p(Backups.sentence, class_name="s red", role="alert")),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
            on_submit=Backups.save,
            class_name="stack",
        ),
        aside=t("la plus récente est restaurée à côté et vérifiée, chaque fois"),
    )


def _number(key: str) -> rx.Component:
    return rx.el.input(
        name=key,
        default_value=Backups.values[key],
        key=f"{key}{Backups.round}",
        input_mode="numeric",
        required=True,
        max_length=4,
        class_name="in",
    )
