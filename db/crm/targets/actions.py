"""Setting what people mean to sell."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.people.queries import open_people
from db.access.rules import Actor
from db.crm.targets.rules import BadTarget, check_amount, check_month
from db.crm.targets.tables import SalesTarget
from db.kernel.findings import Finding


@gate("crm.manage_pipelines")
def set_target(session: Session, *, user_id: UUID, month: date, amount: Decimal, by: Actor, at: datetime) -> None:
    """Set what a person means to sell in the month of a day.

    Raises: BadTarget.
    """
    amount, month = check_amount(amount), check_month(month)
    if user_id not in {known for known, _ in open_people(session)}:
        raise BadTarget([Finding("user_id", "Cette personne ne travaille pas (ou plus) ici.")])
    same = select(SalesTarget).where(col(SalesTarget.user_id) == user_id, col(SalesTarget.month) == month)
    row = session.scalars(same.with_for_update()).first()
    if row is None:
        session.add(SalesTarget(user_id=user_id, month=month, amount=amount))
    elif row.amount != amount:
        row.amount = amount
