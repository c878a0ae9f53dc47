"""Columns that several lists have: texts, amounts, days, people; how each is drawn, exported and edited."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.custom_words import value_text
from app.lists.kind import Around, Column, Editing, people
from app.text import NO_BREAK_SPACE, day, money, say
from db.kernel.phones import shown_phone
from db.records.custom_fields.rules import PREFIX, CustomField, FieldType, read_date, read_number, read_value


def text_column(key: str, label: str, name: str = "", *, width: str, kind: str = "text", edit: bool = True) -> Column:
    """Return a column of a text that can be edited in place."""
    name = name or key
    return Column(
        key,
        label,
        kind,
        lambda row, language, today: getattr(row, name) or "",
        lambda row: getattr(row, name),
        sort=key,
        width=width,
        field=name,
        editing=Editing(name, read_text) if edit else None,
    )


def told_column(
    key: str, label: str, field: str, width: str, value: Callable[[Any], Any], *, kind: str = "text", sort: str = ""
) -> Column:
    """Return a column of what `value` tells of a row; nobody edits it in the list."""
    return Column(key, label, kind, lambda row, language, today: value(row), value, sort=sort, width=width, field=field)


def phone_column(*, sort: str = "", width: str = "140px") -> Column:
    """Return the column of a telephone number, as people write it."""
    return Column(
        "phone",
        "Téléphone",
        "text",
        lambda row, language, today: shown_phone(row.phone or ""),
        lambda row: None if row.phone is None else shown_phone(row.phone),
        sort=sort,
        width=width,
        field="phone",
        editing=Editing("phone", read_text),
    )


def amount_column(key: str, label: str, name: str) -> Column:
    """Return a column of an amount in CHF."""
    return Column(
        key,
        label,
        "money",
        lambda row, language, today: "" if getattr(row, name) is None else money(getattr(row, name)),
        lambda row: getattr(row, name),
        sort=key,
        falls=True,
        width="118px",
        field=name,
        editing=Editing(name, read_amount),
    )


def day_column(key: str, label: str, name: str) -> Column:
    """Return a column of the day of an instant; the newest first."""
    return Column(
        key,
        label,
        "text",
        lambda row, language, today: day(getattr(row, name)) if getattr(row, name) else "",
        lambda row: getattr(row, name),
        sort=key,
        falls=True,
        width="92px",
        field=name,
    )


def owner_column(*, sort: str = "") -> Column:
    """Return the column of who answers for a record."""
    return Column(
        "owner",
        "Responsable",
        "text",
        lambda row, language, today: row.owner_name,
        lambda row: row.owner_name,
        sort=sort,
        width="130px",
        field="owner_id",
        editing=Editing("owner_id", read_person, people),
    )


def next_column(*, sort: str = "") -> Column:
    """Return the column of the next step: its day (late ones say by how much), then what."""
    return Column(
        "next",
        "Prochaine étape",
        "next",
        next_cell,
        lambda row: row.next_step,
        sort=sort,
        width="140px",
        field="next_step",
    )


def next_cell(row: Any, language: str, today: date) -> list[str]:
    """Return the day of the next step, its class, and the step."""
    on = row.next_step_date
    if on is None:
        return ["—" if row.next_step else "", "", row.next_step]
    late = (today - on).days
    if late > 0:
        return [f"{late}{NO_BREAK_SPACE}" + say(language, "j"), "red md", row.next_step]
    return [say(language, "auj.") if late == 0 else f"{on:%d.%m}", "", row.next_step]


def custom_column(field: CustomField) -> Column:
    """Return the column of a field that the company added."""
    key = PREFIX + field.key
    kinds = {FieldType.NUMBER: "number", FieldType.AMOUNT: "money"}
    return Column(
        key,
        field.label,
        kinds.get(field.type, "text"),
        lambda row, language, today: value_text(field, row.custom.get(field.key), language),
        lambda row: row.custom.get(field.key),
        sort=key,
        falls=field.is_number,
        width="120px",
        field=key,
        editing=Editing(key, lambda text, around: read_value(field, text), _options(field)),
    )


def _options(field: CustomField) -> Callable[[Around], list[tuple[str, str]]] | None:
    if field.type is FieldType.YES_NO:
        return lambda around: [("", "—"), *((key, say(around.by.language, key)) for key in ("oui", "non"))]
    choices = [*([] if field.required else [("", "—")]), *((choice, choice) for choice in field.choices)]
    return (lambda around: choices) if field.type is FieldType.CHOICE and field.choices else None


def read_text(text: str, around: Around) -> str:
    """Return the text."""
    return text


def read_amount(text: str, around: Around) -> Decimal | None:
    """Return an amount, or None.

    Raises: BadInput.
    """
    return read_number(text) if text else None


def read_day(text: str, around: Around) -> date | None:
    """Return a day, or None.

    Raises: BadInput.
    """
    return read_date(text) if text else None


def read_person(text: str, around: Around) -> UUID | None:
    """Return a person's id, or None for nobody; the choices were compared before."""
    return UUID(text) if text else None


def owner_named(value: str, around: Around) -> str:
    """Return the name of an owner, or that there is none."""
    if value == "none":
        return say(around.by.language, "personne")
    try:
        return around.names.get(UUID(value), value)
    except ValueError:
        return value


def as_it_is(value: str, around: Around) -> str:
    """Return a facet's value, or that there is none."""
    return value or say(around.by.language, "sans indication")
