"""Fields that the company added, in a list: conditions, groups and the order that the index of their values gives.

An order has two parts: records with a value by that value, then the others; in both directions, as empty cells stand
last in a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, tuple_
from sqlmodel import Session, col

from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.records.custom_fields.queries import field_for, value_matches
from db.records.custom_fields.rules import PREFIX, CustomField
from db.records.custom_fields.tables import CustomValue
from db.records.listing.rules import CustomFilter, Group, ListRequest

Place = tuple[UUID, Any]  # a record and the value that orders it; None: it has none


def numbers_with(field: CustomField, condition: CustomFilter) -> Any:
    """Return the numbers of the records whose value meets a condition.

    Raises: BadInput: a value that does not fit the field.
    """
    matches = value_matches(field, operator=condition.operator, given=condition.value)
    return select(col(CustomValue.record_number)).where(col(CustomValue.field_id) == field.field_id, matches)


def numbers_filled(field: CustomField) -> Any:
    """Return the numbers of the records that have some value."""
    return select(col(CustomValue.record_number)).where(col(CustomValue.field_id) == field.field_id)


def is_empty(condition: CustomFilter) -> bool:
    """Test if a condition asks for records without a value (`custom.x=is:`)."""
    return condition.operator == "is" and not condition.value.strip()


def value_column(field: CustomField) -> Any:
    """Return the column of the index that orders a field's values."""
    value: Any = CustomValue.number if field.is_number else CustomValue.text_order
    return col(value)


def of_record(field: CustomField, record_id: Any) -> ColumnElement[bool]:
    """Return the condition that a row of the index is a record's value in a field."""
    return and_(col(CustomValue.record_id) == col(record_id), col(CustomValue.field_id) == field.field_id)


def groups_of(
    session: Session, *, kind: str, table: Any, key: str, amount: Any, conditions: Sequence[Any], by: Actor
) -> dict[str, Group]:
    """Return how many records share each value of a field, and the sum of their amounts; "" are those without.

    Raises: NotFound: a field that the actor may not know of. BadInput: one that makes no groups.
    """
    field = field_for(session, kind=kind, key=key.removeprefix(PREFIX), by=by)
    if not field.groups_records:
        raise BadInput("La liste ne se groupe pas par « {label} ».", label=field.label)
    value = func.coalesce(CustomValue.text_order, "").label("value")
    read = select(value, func.count(), amount if amount is not None else literal(None)).select_from(table)
    read = read.join(CustomValue, of_record(field, table.id), isouter=True).where(*conditions).group_by(value)
    return {str(one): Group(count, total or Decimal(0)) for one, count, total in session.connection().execute(read)}


@dataclass(frozen=True)
class AddedOrder:
    """The order of a table by a field that the company added."""

    table: Any
    field: CustomField

    def few(self, session: Session, request: ListRequest, conditions: Sequence[Any]) -> tuple[list[Place], bool]:
        """Return one page of a view that holds few records, and if more follow: all are read and sorted."""
        value = value_column(self.field)
        few: Any = select(col(self.table.id).label("id")).select_from(self.table).where(*conditions)
        held = few.cte("few").prefix_with("materialized")
        read = select(held.c.id, value).select_from(held)
        read = read.join(
            CustomValue,
            and_(col(CustomValue.record_id) == held.c.id, col(CustomValue.field_id) == self.field.field_id),
            isouter=True,
        )
        places = [(row[0], row[1]) for row in session.connection().execute(read)]
        filled = sorted((one for one in places if one[1] is not None), key=_by_value, reverse=request.falls)
        empty = sorted((one for one in places if one[1] is None), key=lambda one: one[0].hex, reverse=request.falls)
        return _page([*filled, *empty], request)

    def walked(self, session: Session, request: ListRequest, conditions: Sequence[Any]) -> tuple[list[Place], bool]:
        """Return one page by walking the index of the values, then the records without one."""
        places: list[Place] = []
        for part in self._parts(request):
            statement = self._of_part(part, request).where(*conditions).limit(request.size + 1 - len(places))
            places += [(row[0], row[1]) for row in session.connection().execute(statement)]
            if len(places) > request.size:
                break
        has_more, places = len(places) > request.size, places[: request.size]
        return (places[::-1] if request.back else places), has_more

    def _parts(self, request: ListRequest) -> list[bool]:
        """Return which parts are still to be read, in turn: True are the records with a value."""
        parts = [True, False]
        if request.cursor is not None:
            parts = [True] if request.back else [False]
            parts = [True, False] if (request.cursor.value is None) == request.back else parts
        return parts[::-1] if request.back else parts

    def _of_part(self, is_filled: bool, request: ListRequest) -> Any:
        value, table = value_column(self.field), self.table
        if is_filled:
            columns: list[Any] = [value, col(CustomValue.record_id)]
            statement = (
                select(col(table.id), value).select_from(CustomValue).join(table, of_record(self.field, table.id))
            )
        else:
            columns = [col(table.id)]
            has_value = exists().where(of_record(self.field, table.id))
            statement = select(col(table.id), literal(None)).select_from(table).where(~has_value)
        rises = request.falls == request.back
        cursor = request.cursor
        if cursor is not None and (cursor.value is not None) == is_filled:
            values = [self._typed(cursor.value), UUID(cursor.record_id)] if is_filled else [UUID(cursor.record_id)]
            here, there = tuple_(*columns), tuple_(*[literal(v, c.type) for v, c in zip(values, columns, strict=True)])
            statement = statement.where(here > there if rises else here < there)
        return statement.order_by(*(one.asc() if rises else one.desc() for one in columns))

    def _typed(self, value: Any) -> Any:
        try:
            return float(value) if self.field.is_number else str(value)
        except (TypeError, ValueError):
            raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.") from None


def _by_value(place: Place) -> tuple[Any, str]:
    return place[1], place[0].hex


def _page(places: list[Place], request: ListRequest) -> tuple[list[Place], bool]:
    """Return the page that a cursor asks for out of all places."""
    if request.cursor is None:
        return places[: request.size], len(places) > request.size
    ids = [record_id.hex for record_id, _ in places]
    at = ids.index(request.cursor.record_id) if request.cursor.record_id in ids else None
    if request.back:
        before = places[: len(places) if at is None else at]
        return before[-request.size :], len(before) > request.size
    after = places[0 if at is None else at + 1 :]
    return after[: request.size], len(after) > request.size
