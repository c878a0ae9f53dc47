"""The columns of the list of leads: what each shows, how it is sorted, and its text for screen and export."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.text import NO_BREAK_SPACE, day, money, say
from db.access.rules import Actor, may_see_field
from db.crm.leads.listing.rules import CUSTOM, SORT_FIELDS, ListRow
from db.crm.leads.rules import STATE_LABELS, LeadState
from db.records.custom_fields.rules import CustomField, FieldType, Value

PROGRESS = {
    LeadState.NEW: "25",
    LeadState.CONTACTED: "50",
    LeadState.QUALIFIED: "75",
    LeadState.CONVERTED: "100",
    LeadState.LOST: "0",
}


@dataclass(frozen=True)
class Column:
    """One column. `cell` gives what the list draws, `value` what an export holds (typed)."""

    key: str
    label: str
    kind: str
    cell: Callable[[ListRow, str, date], Any]
    value: Callable[[ListRow], Any]
    sort: str = ""
    falls: bool = False  # the first click shows the largest first
    width: str = ""


_POINTS = re.compile(r"\s*\([+−-]?[\d.,]+ points\)$")  # shown beside the sentence


def reason_text(reason: dict[str, Any] | None, language: str) -> str:
    """Return the words of a reason in a language."""
    if not reason:
        return ""
    if "message_id" in reason:
        return say(language, reason["message_id"], **reason.get("params", {}))
    return _POINTS.sub("", str(reason.get("text", "")))


def state_label(state: LeadState, language: str) -> str:
    """Return the name of a state."""
    return say(language, STATE_LABELS[state])


FIELD_LABELS = {
    "name": "Nom de la piste",
    "company_name": "Société",
    "person_name": "Personne",
    "email": "E-mail",
    "phone": "Téléphone",
    "street": "Rue",
    "house_number": "Numéro",
    "postal_code": "NPA",
    "city": "Localité",
    "canton": "Canton",
    "source": "Source",
    "state": "État",
    "owner_id": "Responsable",
    "expected_amount": "Montant attendu (CHF)",
    "next_step": "Prochaine étape",
    "next_step_date": "Date de la prochaine étape",
    "closed_at": "Close le",
    "lost_reason": "Motif de la perte",
    "exchanges": "Échanges",
    "last_exchange_at": "Dernier échange",
    "custom": "Champs de l’entreprise",
    "party_id": "Société",
}


def field_label(name: str, language: str) -> str:
    """Return the name of a lead's field."""
    return say(language, FIELD_LABELS.get(name, name))


def value_text(value: Value, language: str) -> str:
    """Return a custom value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return say(language, "oui" if value else "non")
    if isinstance(value, date):
        return day(value)
    return value if isinstance(value, str) else format(value, "f")


def _next(row: ListRow, language: str, today: date) -> list[str]:
    on = row.next_step_date
    if on is None:
        return ["—" if row.next_step else "", "", row.next_step]
    late = (today - on).days
    if late > 0:
        return [f"{late}{NO_BREAK_SPACE}" + say(language, "j"), "red md", row.next_step]
    return [say(language, "auj.") if late == 0 else f"{on:%d.%m}", "", row.next_step]


def _text(name: str) -> Callable[[ListRow, str, date], str]:
    return lambda row, language, today: str(getattr(row, name))


def _value(name: str) -> Callable[[ListRow], Any]:
    return lambda row: getattr(row, name)


def _plain(key: str, label: str, name: str, width: str = "", kind: str = "text") -> Column:
    return Column(key, label, kind, _text(name), _value(name), sort=key, width=width)


COLUMNS: tuple[Column, ...] = (
    _plain("name", "Piste", "name", "220px", "strong"),
    _plain("company", "Société", "company_name", "172px"),
    _plain("person", "Personne", "person_name", "140px"),
    Column(
        "state",
        "État",
        "state",
        lambda row, language, today: [row.state.value, state_label(row.state, language), PROGRESS[row.state]],
        lambda row: STATE_LABELS[row.state],
        sort="state",
        width="104px",
    ),
    Column(
        "amount",
        "CHF",
        "money",
        lambda row, language, today: "" if row.expected_amount is None else money(row.expected_amount),
        lambda row: row.expected_amount,
        sort="amount",
        falls=True,
        width="92px",
    ),
    Column(
        "probability",
        "Signature",
        "mark",
        lambda row, language, today: [row.probability, row.low, row.high],
        lambda row: row.probability,
        sort="probability",
        falls=True,
        width="152px",
    ),
    Column(
        "reason",
        "Première raison",
        "reason",
        lambda row, language, today: reason_text(row.first_reason, language),
        lambda row: reason_text(row.first_reason, "fr"),
    ),
    Column("next", "Prochaine étape", "next", _next, lambda row: row.next_step, sort="next", width="132px"),
    _plain("owner", "Responsable", "owner_name", "130px"),
    _plain("source", "Source", "source", "120px"),
    _plain("canton", "Canton", "canton", "64px"),
    _plain("city", "Localité", "city", "120px"),
    _plain("postal_code", "NPA", "postal_code", "64px"),
    _plain("email", "E-mail", "email", "180px"),
    _plain("phone", "Téléphone", "phone", "130px"),
    Column(
        "received",
        "Reçue le",
        "text",
        lambda row, language, today: day(row.received_at),
        lambda row: row.received_at,
        sort="received",
        falls=True,
        width="88px",
    ),
    Column(
        "exchanges",
        "Échanges",
        "number",
        lambda row, language, today: str(row.exchanges),
        lambda row: row.exchanges,
        sort="exchanges",
        falls=True,
        width="74px",
    ),
)
USUAL = ("name", "company", "state", "amount", "probability", "reason", "next")
EXPORT_ONLY: tuple[tuple[str, Callable[[ListRow], Any], str], ...] = (  # label, value, and the field that it tells
    ("Intervalle bas", lambda row: row.low, "probability"),
    ("Intervalle haut", lambda row: row.high, "probability"),
    ("Version du modèle", lambda row: row.version, "probability"),
    ("Date de la prochaine étape", lambda row: row.next_step_date, "next_step_date"),
    ("Close le", lambda row: row.closed_at, "closed_at"),
)


# the field of the record that a column tells, where the two are not called alike
_FIELD_OF = {**SORT_FIELDS, "next": "next_step"}


def columns_seen(columns: Sequence[Column], by: Actor) -> list[Column]:
    """Return the columns whose field the reader may see."""
    return [column for column in columns if may_see_field(by, "lead", _FIELD_OF.get(column.key, column.key))]


def all_columns(fields: Sequence[CustomField]) -> list[Column]:
    """Return every column that the reader may have, custom fields last."""
    return [*COLUMNS, *(_custom(field) for field in fields)]


def _custom(field: CustomField) -> Column:
    return Column(
        CUSTOM + field.key,
        field.label,
        "number" if field.type is FieldType.NUMBER else "text",
        lambda row, language, today: value_text(row.custom.get(field.key), language),
        lambda row: row.custom.get(field.key),
        sort=CUSTOM + field.key,
        width="120px",
    )


def chosen_columns(wanted: str, fields: Sequence[CustomField]) -> list[Column]:
    """Return the columns named in an address (unknown ones are left out), or the usual ones."""
    by_key = {column.key: column for column in all_columns(fields)}
    keys = [key for key in dict.fromkeys(wanted.split(",")) if key in by_key] or list(USUAL)
    if "name" not in keys:
        keys.insert(0, "name")
    return [by_key[key] for key in sorted(keys, key=list(by_key).index)]


def export_value(value: Any) -> Any:
    """Return a value as a file holds it: instants as Swiss days, yes and no in words."""
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value
