"""`/reglages/api`: what programs may do and what they are told: keys, documentation, webhooks with their log."""

from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, empty_state, field, section, tag
from app.shell import screen
from app.text import t
from app.webhooks.state import MANAGE, Webhooks


@screen(route=routes.API, title="API et webhooks", permission=MANAGE, on_load=Webhooks.load)
def api_settings() -> rx.Component:
    """Draw what programs may do, the company's decision, the webhooks and the log of one."""
    return rx.el.div(
        rx.el.div(_programs(), _decision(), _list(), class_name="settings hooks"),
        rx.cond(Webhooks.chosen.contains("url"), _log()),
        class_name="beside",
    )


def _programs() -> rx.Component:
    return section(
        t("API"),
        rx.el.div(
            t("Tout ce que montrent les écrans se lit et se fait aussi sous /api/v1, avec les droits de la personne."),
            class_name="s m",
        ),
        rx.el.div(
            rx.el.a(t("Documentation de l’API"), href=routes.API_DOCS, target="_blank", class_name="lk s"),
            rx.link(t("Mes clés pour des programmes"), href=routes.ACCOUNT, underline="none", class_name="lk s"),
            class_name="row g12",
        ),
    )


def _tick(name: str, label: Any, checked: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=name,
            default_checked=checked,
            key=f"{name}{Webhooks.policy_version}",
            class_name="in",
        ),
        label,
        class_name="tick",
    )


def _decision() -> rx.Component:
    return section(
        t("Envoi de webhooks"),
        rx.el.form(
            _tick("is_on", t("Boussole avertit d’autres programmes de ce qui se passe"), Webhooks.is_on),
            _tick(
                "allows_private",
                t("aussi dans le réseau interne (http:// et adresses privées)"),
                Webhooks.allows_private,
            ),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn"), class_name="row"),
            on_submit=Webhooks.decide,
            class_name="stack",
        ),
        aside=t("rien n’est envoyé tant que l’entreprise ne l’a pas permis"),
    )


def _list() -> rx.Component:
    heads = (t("Adresse"), t("Événements"), t("Personne"), t("État"))
    return section(
        t("Webhooks"),
        rx.cond(
            Webhooks.secret != "",
            rx.el.div(
                rx.el.b(t("Secret du webhook, montré une seule fois")),
                rx.el.div(rx.el.code(Webhooks.secret, class_name="secret")),
                class_name="callout warn",
                role="status",
            ),
        ),
        rx.cond(
            Webhooks.rows.length() > 0,
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
                rx.el.tbody(rx.foreach(Webhooks.rows, _row)),
                class_name="list",
            ),
            empty_state(
                t("Aucun webhook."),
                t("Un webhook avertit un programme dès qu’une piste est créée ou close, une affaire gagnée…"),
            ),
        ),
        rx.el.details(rx.el.summary(t("Nouveau webhook"), class_name="btn"), _form(), class_name="more"),
        aside=t("chaque message est signé et ne dit que ce que sa personne peut lire"),
    )


def _row(one: Any) -> rx.Component:
    waiting = tag(t("{count} en attente", count=one["waiting"]), "amb")
    state = rx.cond(
        one["rests"] != "",
        rx.cond(one["problem"] != "", tag(t("arrêté"), "red"), tag(t("suspendu"), "")),
        rx.cond(one["waiting"] != "", waiting, tag(t("actif"), "grn")),
    )
    open_it = rx.el.button(one["url"], type="button", class_name="bare-btn md", on_click=Webhooks.choose(one["id"]))
    return rx.el.tr(
        rx.el.td(open_it, class_name="el"),
        rx.el.td(one["events"], class_name="m el", title=one["events"]),
        rx.el.td(one["owner"], class_name="m"),
        rx.el.td(state),
        class_name=rx.cond(Webhooks.chosen["id"] == one["id"], "sel", ""),
        key=one["id"],
    )


def _form() -> rx.Component:
    address = rx.el.input(
        name="url", required=True, max_length=500, placeholder=t("https://exemple.ch/boussole"), class_name="in"
    )
    return rx.el.form(
        field(t("Adresse"), address, Webhooks.problem),
        rx.el.div(
            rx.foreach(
                Webhooks.choices,
                lambda choice: rx.el.label(
                    rx.el.input(type="checkbox", name=choice["name"], class_name="in"),
                    choice["label"],
                    class_name="tick",
                ),
            ),
            class_name="checks",
        ),
        rx.el.div(rx.el.button(t("Créer le webhook"), type="submit", class_name="btn p"), class_name="row"),
        on_submit=Webhooks.add,
        key=f"w{Webhooks.round}",
        class_name="stack",
    )


def _log() -> rx.Component:
    one = Webhooks.chosen
    close = rx.el.button(
        rx.icon("x", size=13, class_name="i s"),
        type="button",
        class_name="btn q sm ic",
        aria_label=t("Fermer"),
        on_click=Webhooks.choose(one["id"]),
        custom_attrs={"data-key": "Escape", "data-key-label": t("Fermer")},
    )
    return rx.el.aside(
        rx.el.div(rx.el.h2(one["url"], class_name="el"), rx.el.span(class_name="sp"), close, class_name="row ph"),
        rx.cond(one["problem"] != "", rx.el.div(one["problem"], class_name="callout error s", role="alert")),
        rx.el.div(_buttons(one), class_name="row g6 sect wrap"),
        section(
            t("Messages envoyés"),
            rx.cond(
                Webhooks.log.length() > 0,
                rx.el.div(rx.foreach(Webhooks.log, _delivery)),
                rx.el.div(t("Aucun message encore."), class_name="s m"),
            ),
        ),
        class_name="peek jobs-log",
        aria_label=t("Journal du webhook"),
    )


def _buttons(one: Any) -> rx.Component:
    def button(label: Any, on_click: Any) -> rx.Component:
        return rx.el.button(label, type="button", class_name="btn sm", on_click=on_click)

    return rx.fragment(
        button(t("Essayer"), Webhooks.ping(one["id"])),
        button(t("Actualiser"), Webhooks.refresh),
        rx.cond(
            one["rests"] != "",
            button(t("Reprendre"), Webhooks.switch(one["id"], True)),
            button(t("Suspendre"), Webhooks.switch(one["id"], False)),
        ),
        confirm(
            t("Nouveau secret"),
            title=t("Créer un nouveau secret ?"),
            sentence=t("L’ancien ne signe plus rien : le programme doit recevoir le nouveau."),
            on_confirm=Webhooks.renew(one["id"]),
            class_name="btn sm",
        ),
        confirm(
            t("Supprimer"),
            title=t("Supprimer ce webhook ?"),
            sentence=t("Le programme n’est plus averti et le journal des messages disparaît."),
            on_confirm=Webhooks.remove(one["id"]),
            is_dangerous=True,
            class_name="btn sm q",
        ),
    )


def _delivery(one: Any) -> rx.Component:
    again = rx.el.button(t("Renvoyer"), type="button", class_name="btn q sm", on_click=Webhooks.resend(one["id"]))
    leave = rx.el.button(t("Abandonner"), type="button", class_name="btn q sm", on_click=Webhooks.give_up(one["id"]))
    return rx.el.details(
        rx.el.summary(
            rx.el.span(one["when"], class_name="f"),
            tag(one["word"], one["tone"]),
            rx.el.span(one["kind"], class_name="el"),
            rx.el.span(class_name="sp"),
            rx.el.span(one["code"], class_name="m el"),
            class_name="row g6 s",
        ),
        rx.el.div(
            t("{count} envois, le dernier en {took}", count=one["attempts"], took=one["took"]),
            rx.cond(one["next"] != "", rx.el.span(" · ", t("prochain à {at}", at=one["next"]))),
            class_name="s f",
        ),
        rx.el.pre(one["body"], tab_index=0),
        rx.el.div(again, rx.cond(one["state"] == "waiting", leave), class_name="row g6"),
        class_name="trace",
    )
