"""How the story beside every record is drawn."""

from typing import Any

import reflex as rx

from app.components import chip, confirm, empty_state, icon_named, section
from app.components.mention_box import mention_box
from app.platform import Visitor, file_drop
from app.records.past import past_part
from app.records.story_state import FILES, WRITE, Story
from app.text import t
from app.undoing import remove_part
from db.documents.attachments.rules import MOST_BYTES
from db.records.notes.actions import LONGEST

UPLOAD = "record-files"
SORT_LABELS = (
    ("", "Tout"),
    ("exchange", "Échanges"),
    ("note", "Notes"),
    ("document", "Documents"),
    ("state", "Étapes"),
    ("change", "Modifications"),
    ("suggestion", "Suggestions"),
)


def story_side() -> rx.Component:
    """Draw files, the field for a note, and the story with its filter."""
    return rx.fragment(
        followers_part(),
        _note(),
        files_section(),
        story_section(),
        past_part(Story.kind, Story.record_id),
        rx.cond(Story.removable, remove_part(Story.kind, Story.record_id)),
    )


def story_section() -> rx.Component:
    """Draw the story, newest first, with its filter by sort."""
    return section(
        t("Fil"),
        rx.el.div(
            *[chip(t(label), is_on=Story.sort == sort, on_click=Story.filter(sort)) for sort, label in SORT_LABELS],
            class_name="row g6 sorts",
            role="group",
            aria_label=t("Sortes de lignes"),
        ),
        rx.cond(
            Story.lines.length() > 0,
            rx.el.ol(rx.foreach(Story.lines, _line), class_name="stories"),
            empty_state(t("Rien encore."), t("Le premier échange noté apparaît ici.")),
        ),
        rx.cond(
            Story.older != "",
            rx.el.button(t("Plus anciens"), type="button", class_name="btn sm q", on_click=Story.more),
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.time, class_name="f"),
        rx.el.span(icon_named(line.icon), class_name="f"),
        rx.el.span(
            rx.cond(line.file != "", rx.el.a(line.text, href=line.file, target="_blank", class_name="lk"), line.text),
            " ",
            rx.el.span(line.by, class_name="f"),
            rx.cond(
                line.mail != "",
                rx.fragment(" · ", rx.link(t("Lire et répondre"), href=line.mail, underline="always", class_name="f")),
            ),
            rx.cond(
                line.of != "",
                rx.fragment(
                    " · ",
                    rx.cond(
                        line.href != "", rx.link(line.of, href=line.href, underline="always", class_name="f"), line.of
                    ),
                ),
            ),
            class_name=rx.cond(line.machine != "", "el m", "el"),
        ),
        class_name="tm story",
        key=line.id,
    )


def _note() -> rx.Component:
    form = rx.el.form(
        rx.el.input(type="hidden", name="kind", value=Story.kind),
        rx.el.input(type="hidden", name="record_id", value=Story.record_id),
        mention_box(
            name="text",
            people=Story.people,
            label=t("Note"),
            list_label=t("Personnes"),
            placeholder=t("Écrire une note ; @ pour mentionner quelqu’un"),
            max_length=LONGEST,
            data_key="n",
            data_key_label=t("Écrire une note"),
        ),
        rx.el.div(rx.el.button(t("Noter"), type="submit", class_name="btn sm"), class_name="row g6"),
        on_submit=Story.note,
        reset_on_submit=True,
        class_name="note-form",
    )
    return rx.cond(Visitor.permissions.contains(WRITE), section(t("Note"), form))


def files_section() -> rx.Component:
    """Draw the files, what is shown of one, and where to drop more."""
    drop = file_drop(
        rx.el.span(t("Déposer des fichiers ici, ou "), rx.el.span(t("les choisir"), class_name="lk")),
        label=t("Fichiers à joindre"),
        id=UPLOAD,
        multiple=True,
        max_size=MOST_BYTES,
        on_drop=Story.attach(rx.upload_files(upload_id=UPLOAD)),  # type: ignore[arg-type]
        on_drop_rejected=Story.reject,
        class_name="drop small",
    )
    return section(
        t("Documents"),
        rx.el.ul(rx.foreach(Story.files, _file), class_name="files"),
        rx.cond(Visitor.permissions.contains(FILES), drop),
        aside=rx.cond(Story.files.length() > 0, Story.files.length().to_string(), ""),
    )


def _file(file: Any) -> rx.Component:
    opened = Story.preview == file.id
    show = rx.el.button(
        rx.cond(opened, t("Fermer"), t("Aperçu")),
        type="button",
        class_name="btn sm q",
        on_click=Story.look_at(file.id),
        aria_expanded=opened,
    )
    remove = confirm(
        t("Retirer"),
        title=t("Retirer ce fichier de la fiche ?"),
        sentence=file.name,
        on_confirm=Story.detach(file.id),
        class_name="btn sm q",
    )
    shown = rx.cond(
        file.shown == "image",
        rx.el.img(src=file.href, alt=file.name),
        rx.el.iframe(src=file.href, title=file.name),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.span(icon_named("file-up"), class_name="f"),
            rx.el.a(
                file.name,
                href=file.href + "?telecharger",
                class_name="el lk",
                custom_attrs={"download": ""},
                reload_document=True,
            ),
            rx.el.span(class_name="sp"),
            rx.cond(file.shown != "", show),
            rx.cond(Visitor.permissions.contains(FILES), remove),
            class_name="row g6",
        ),
        rx.el.div(file.about, class_name="f s"),
        rx.cond(opened, rx.el.div(shown, class_name="preview")),
        key=file.id,
    )


def followers_part() -> rx.Component:
    """Draw who follows the record, and the button to do so."""
    button = rx.cond(
        Story.follows,
        rx.el.button(t("Ne plus suivre"), type="button", class_name="btn sm", on_click=Story.follow(False)),
        rx.el.button(t("Suivre"), type="button", class_name="btn sm", on_click=Story.follow(True)),
    )
    names = rx.cond(
        Story.followers.length() > 0,
        rx.el.span(t("Suivie par"), " ", Story.followers.join(", "), class_name="s m el"),
        rx.el.span(t("Personne ne suit cette fiche."), class_name="s f"),
    )
    return rx.el.div(names, rx.el.span(class_name="sp"), button, class_name="sect row")
