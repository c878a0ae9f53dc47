"""How a conversation is drawn: its e-mails, what it belongs to, and the form of an answer."""

from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, field, section, tag
from app.platform import Visitor, file_drop
from app.text import t
from db.documents.attachments.rules import MOST_BYTES
from db.documents.mail.rules import SEND

UPLOAD = "mail-files"


def conversation_head(state: Any) -> rx.Component:
    """Draw the subject and the way back."""
    back = rx.link(
        t("Courrier"),
        href=routes.MAILS,
        underline="none",
        class_name="m",
        custom_attrs={"data-key": "l", "data-key-label": t("Retour à la liste")},
    )
    answer = rx.el.button(
        t("Répondre"),
        rx.el.kbd("R"),
        type="button",
        class_name="btn sm p",
        on_click=state.answer(state.last_id, False),
        custom_attrs={"data-key": "r", "data-key-label": t("Répondre")},
    )
    to_all = rx.el.button(
        t("Répondre à tous"), type="button", class_name="btn sm", on_click=state.answer(state.last_id, True)
    )
    can = Visitor.permissions.contains(SEND) & (state.last_id != "") & ~state.writing & rx.State.is_hydrated
    return rx.el.div(
        back,
        rx.el.span("/", class_name="f"),
        rx.el.h1(rx.cond(state.missing != "", t("Courrier"), state.subject), class_name="el"),
        rx.el.span(class_name="sp"),
        rx.cond(can, rx.fragment(to_all, answer)),
        class_name="record-head",
    )


def conversation_body(state: Any) -> rx.Component:
    """Draw the e-mails with the form below, and beside them what they belong to."""
    missing = rx.el.div(rx.el.div(state.missing, class_name="md"), class_name="empty")
    drawn = rx.el.div(
        rx.el.div(
            rx.foreach(state.mails, lambda one: _mail(state, one)),
            rx.cond(state.writing & rx.State.is_hydrated, _form(state)),
            class_name="lead-main mails",
        ),
        rx.cond(state.last_id != "", rx.el.div(_side(state), class_name="lead-side")),
        class_name="lead",
    )
    return rx.cond(state.missing != "", missing, drawn)


def _mail(state: Any, one: Any) -> rx.Component:
    head = rx.el.div(
        rx.el.b(one.sender, title=one.address),
        rx.el.span(one.people, class_name="f el"),
        rx.el.span(class_name="sp"),
        rx.cond(
            (one.tag != "") & (one.state != "received") | (one.is_auto != "") | (one.place == "private"),
            tag(one.tag, one.tone),
        ),
        rx.el.span(one.time, class_name="f"),
        class_name="row g6",
    )
    is_laid_out = state.laid_out.contains(one.id)
    return rx.el.article(
        head,
        rx.cond(one.problem != "", rx.el.p(one.problem, class_name="s red", role="alert")),
        rx.cond(one.state == "uncertain", _doubt(state, one)),
        rx.cond(is_laid_out, _page(one), _text(state, one)),
        rx.cond(one.remark != "", rx.el.p(one.remark, class_name="s m")),
        rx.cond(one.files.length() > 0, rx.el.ul(rx.foreach(one.files, _file_line), class_name="mail-files")),
        _mail_foot(state, one, is_laid_out),
        class_name="mail",
        key=one.id,
    )


def _page(one: Any) -> rx.Component:
    """Draw an e-mail with its own layout, in a frame in which nothing runs."""
    return rx.el.iframe(
        src_doc=one.html,
        title=one.sender,
        class_name="mail-page",
        custom_attrs={"sandbox": "allow-popups allow-popups-to-escape-sandbox"},
    )


def _file_line(file: Any) -> rx.Component:
    link = rx.el.a(file.name, href=file.href, target="_blank", class_name="lk")
    return rx.el.li(link, " ", rx.el.span(file.about, class_name="f"))


def _text(state: Any, one: Any) -> rx.Component:
    return rx.fragment(
        rx.el.div(one.text, class_name="mail-text"),
        rx.cond(
            one.quoted != "",
            rx.fragment(
                rx.el.button(
                    rx.cond(state.opened.contains(one.id), t("Masquer le texte cité"), t("Texte cité")),
                    type="button",
                    class_name="btn sm q",
                    on_click=state.unfold(one.id),
                ),
                rx.cond(state.opened.contains(one.id), rx.el.div(one.quoted, class_name="mail-text m")),
            ),
        ),
    )


def _mail_foot(state: Any, one: Any, is_laid_out: Any) -> rx.Component:
    layout = rx.el.button(
        rx.cond(is_laid_out, t("Texte seul"), t("Mise en forme")),
        type="button",
        class_name="btn sm q",
        on_click=state.lay_out(one.id),
    )
    tone = rx.match(one.authentication_tone, ("red", "s red"), "s f")
    return rx.el.div(
        rx.cond(one.html != "", layout),
        rx.cond(one.authentication != "", rx.el.span(one.authentication, class_name=tone)),
        class_name="row g6",
    )


def _doubt(state: Any, one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.button(t("Il est parti"), type="button", class_name="btn sm", on_click=state.settle(one.id, True)),
        confirm(
            t("Renvoyer"),
            title=t("Renvoyer cet e-mail ?"),
            sentence=t("S’il est déjà parti, le destinataire le recevra deux fois."),
            on_confirm=state.settle(one.id, False),
            class_name="btn sm",
        ),
        class_name="row g6",
    )


def _side(state: Any) -> rx.Component:
    can = Visitor.permissions.contains(SEND) & rx.State.is_hydrated
    return rx.fragment(
        rx.cond(state.stranger_id != "", _stranger(state)),
        section(t("Classé sous"), rx.foreach(state.places, lambda one: _place(state, one)), rx.cond(can, _file(state))),
        rx.cond(state.may_hide & can, _private(state)),
        rx.cond((state.hidden_id != "") & can, _hidden(state)),
    )


def _stranger(state: Any) -> rx.Component:
    contact = rx.el.form(
        field(t("Nom"), rx.el.input(name="name", default_value=state.stranger, class_name="in", key=state.stranger_id)),
        rx.el.button(t("Créer le contact"), type="submit", class_name="btn sm p"),
        on_submit=state.make_contact,
        class_name="stack",
    )
    lead = rx.el.button(t("Créer une piste"), type="button", class_name="btn sm", on_click=state.make_lead)
    return section(
        t("Expéditeur inconnu"),
        rx.cond(Visitor.permissions.contains("parties.edit") & rx.State.is_hydrated, contact),
        rx.cond(Visitor.permissions.contains("crm.edit_leads") & rx.State.is_hydrated, lead),
    )


def _place(state: Any, found: Any) -> rx.Component:
    away = rx.el.button(t("Retirer"), type="button", class_name="btn sm q", on_click=state.unfile(found.kind, found.id))
    return rx.el.div(
        rx.link(found.name, href=found.href, class_name="lk el"),
        rx.el.span(class_name="sp"),
        rx.cond(Visitor.permissions.contains(SEND), away),
        class_name="row g6",
    )


def _file(state: Any) -> rx.Component:
    def hit(found: Any) -> rx.Component:
        return rx.el.button(
            rx.el.b(found["name"]),
            " ",
            rx.el.span(found["about"], class_name="f"),
            type="button",
            class_name="btn q",
            on_click=state.file_under(found["kind"], found["id"]),
        )

    box = rx.el.input(
        type="search",
        on_change=state.find,
        class_name="in",
        placeholder=t("Classer sous une société, un contact, une affaire"),
        aria_label=t("Classer sous une société, un contact, une affaire"),
    )
    return rx.el.div(box, rx.foreach(state.hits, hit), class_name="stack")


def _private(state: Any) -> rx.Component:
    return section(
        t("Confidentialité"),
        rx.el.p(t("Ce qui est classé sous un client se lit par toute l’équipe."), class_name="s m"),
        rx.el.button(t("Garder pour moi"), type="button", class_name="btn sm", on_click=state.hide),
    )


def _hidden(state: Any) -> rx.Component:
    again = rx.el.button(t("Rendre classable"), type="button", class_name="btn sm", on_click=state.show_again)
    return section(t("Confidentialité"), rx.el.p(t("Vous seul lisez cette conversation."), class_name="s m"), again)


def _form(state: Any) -> rx.Component:
    none = rx.el.p(
        t("Reliez d’abord votre boîte aux lettres dans les réglages."),
        " ",
        rx.link(t("Boîtes aux lettres"), href=routes.MAILBOXES, class_name="lk"),
        class_name="m",
    )
    quoted = rx.el.details(rx.el.summary(t("Texte cité")), rx.el.div(state.written.quoted, class_name="mail-text m"))
    form = rx.el.form(
        _from(state),
        _line(state, "recipients", t("À"), state.written.recipients),
        rx.cond(state.warning != "", rx.el.p(state.warning, class_name="s red", role="alert")),
        _line(state, "copies", t("Copie"), state.written.copies),
        _line(state, "subject", t("Objet"), state.written.subject, max_length=500),
        _message(state),
        rx.cond(state.written.quoted != "", quoted),
        _attachments(state),
        _sending(state),
        on_submit=state.send,
        class_name="stack mail-form",
    )
    return rx.el.section(rx.cond(state.boxes.length() > 0, form, none), class_name="sect")


def _line(state: Any, name: str, label: Any, value: Any, **props: Any) -> rx.Component:
    box = rx.el.input(
        name=name,
        default_value=value,
        key=f"{name}{state.round}",
        class_name="in",
        on_blur=lambda given: state.typed(name, given),
        **props,
    )
    return field(label, box, state.problems[name])


def _from(state: Any) -> rx.Component:
    box = rx.el.select(
        rx.foreach(state.boxes, lambda one: rx.el.option(one["address"], value=one["id"])),
        name="account_id",
        default_value=state.written.account_id,
        key=f"box{state.round}",
        class_name="in",
    )
    return field(t("De"), box)


def _message(state: Any) -> rx.Component:
    text = rx.el.textarea(
        name="text",
        id="mail-text",
        default_value=state.written.text,
        key=f"text{state.round}",
        class_name="in mail-write",
        rows=12,
        auto_focus=state.written.answers != "",
        on_blur=lambda given: state.typed("text", given),
    )
    return field(t("Message"), text, state.problems["text"])


def _sending(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.button(
            t("Envoyer"),
            rx.el.kbd("Ctrl ↵"),
            type="submit",
            class_name="btn p",
            custom_attrs={"data-key": "ctrl+Enter", "data-key-label": t("Envoyer")},
        ),
        rx.el.span(class_name="sp"),
        confirm(
            t("Jeter"),
            title=t("Jeter ce brouillon ?"),
            sentence=t("Ce qui est écrit est perdu."),
            on_confirm=state.drop,
            is_dangerous=True,
            class_name="btn q",
        ),
        class_name="row g6",
    )


def _attachments(state: Any) -> rx.Component:
    drop = file_drop(
        t("Joindre des fichiers"),
        label=t("Joindre des fichiers"),
        id=UPLOAD,
        multiple=True,
        max_size=MOST_BYTES,
        on_drop=state.attach(rx.upload_files(upload_id=UPLOAD)),
        on_drop_rejected=state.reject,
        class_name="btn sm",
    )

    def one(file: Any) -> rx.Component:
        away = rx.el.button(t("Retirer"), type="button", class_name="btn sm q", on_click=state.detach(file["id"]))
        return rx.el.li(file["name"], " ", away)

    return rx.el.div(rx.el.ul(rx.foreach(state.attached, one), class_name="mail-files"), drop)
