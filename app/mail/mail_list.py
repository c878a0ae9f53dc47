"""The list of e-mails: the firm's and one's own."""

from functools import partial
from typing import Any

from app import routes
from app.lists.cells import told_column
from app.lists.kind import Around, Column, Facet, ListKind, Quick, RangeEnd, Verb, word
from app.text import instant, say
from db.access.rules import Actor
from db.documents.mail.listing.actions import change_mails
from db.documents.mail.listing.queries import MAIL_QUESTIONS, SHAPE
from db.documents.mail.rules import EXPORT, READ, SEND, STATE_LABELS, MailState
from db.records.listing.rules import read_request

LOOSE = "place=loose&state=received"
PLACE_LABELS = {"loose": "À classer", "filed": "Classé", "private": "Privé"}
READ_LABELS = {"new": "Non lu", "read": "Lu"}
TONES = {
    MailState.DRAFT: "ac",
    MailState.SENDING: "ac",
    MailState.UNCERTAIN: "red",
    MailState.FAILED: "red",
}


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        told_column("subject", "Objet", "subject", "300px", lambda row: row.subject or "—", kind="strong"),
        told_column("sender", "De", "sender_address", "170px", lambda row: row.sender, sort="sender"),
        told_column("recipients", "À", "recipients", "170px", lambda row: row.recipients),
        told_column("text", "Début", "text", "280px", lambda row: row.text),
        Column(
            "written",
            "Date",
            "text",
            lambda row, language, today: instant(row.written_at),
            lambda row: instant(row.written_at),
            sort="written",
            falls=True,
            width="132px",
            field="written_at",
        ),
        _choice("read", "Lu", lambda row: READ_LABELS["read" if row.is_read else "new"], "70px"),
        _choice("place", "Classement", lambda row: PLACE_LABELS[row.place], "94px"),
        _choice("state", "État", _state, "104px"),
        told_column("mailbox", "Boîte", "account_id", "170px", lambda row: row.mailbox),
        told_column("files", "Pièces", "files", "64px", lambda row: str(row.files or "")),
    ]


def _state(row: Any) -> str:
    return "Non remis" if row.bounced_address else STATE_LABELS[row.state]


def _choice(key: str, label: str, value: Any, width: str) -> Column:
    field = "read_mark" if key == "read" else key
    shown = lambda row, language, today: say(language, value(row))  # noqa: E731
    return Column(key, label, "text", shown, lambda row: word(value(row)), width=width, field=field)


def _named(labels: dict[Any, str], value: str, around: Around) -> str:
    return say(around.by.language, labels[value]) if value in labels else value


def tabs(by: Actor) -> list[tuple[str, str]]:
    """Return the views that everybody has."""
    return [
        ("À classer", LOOSE),
        ("Non lus", "read=new&state=received"),
        ("Envoyés", "state=sent"),
        ("Brouillons", "state=draft&state=failed&state=uncertain"),
        ("Tous", "view=all"),
    ]


MAILS = ListKind(
    key="mail",
    new=("Écrire", routes.NEW_MAIL),
    record="mail",
    table="mail_message",
    route=routes.MAILS,
    link=routes.mail("{id}"),
    title="Courrier",
    words=("e-mail", "e-mails"),
    read=READ,
    edit=SEND,
    export=EXPORT,
    columns=columns,
    usual=("sender", "subject", "text", "written", "read", "place", "state", "files"),
    queries=MAIL_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_mails,
    facets=(
        Facet("place", "Classement", "place", partial(_named, PLACE_LABELS), tuple(PLACE_LABELS)),
        Facet("read", "Lu", "read_mark", partial(_named, READ_LABELS), tuple(READ_LABELS)),
        Facet(
            "state",
            "État",
            "state",
            partial(_named, {one.value: label for one, label in STATE_LABELS.items()}),
            tuple(one.value for one in MailState),
        ),
    ),
    ranges=(
        RangeEnd("from", "Dès le", "Dès le {value}", "written_at"),
        RangeEnd("to", "Jusqu’au", "Jusqu’au {value}", "written_at"),
    ),
    quick=(
        Quick("new", "Non lus", lambda by: {"read": ("new",)}),
        Quick("loose", "À classer", lambda by: {"place": ("loose",)}),
    ),
    verbs=(
        Verb("read", "Marquer comme lus", "{count} e-mails marqués comme lus.", lambda value, around: {}),
        Verb("unread", "Marquer comme non lus", "{count} e-mails marqués comme non lus.", lambda value, around: {}),
    ),
    tabs=tabs,
    opens=LOOSE,
    usual_sort="-written",
    nothing=(
        "Rien à classer.",
        "Les messages d’expéditeurs inconnus arrivent ici dès qu’une boîte est reliée.",
        "Relier une boîte",
        routes.MAILBOXES,
    ),
    none_fits="Aucun e-mail ne correspond.",
    file="courrier",
)
