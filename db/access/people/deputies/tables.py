"""Who stands in for whom, and when."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint

from db.kernel.record import Record, plain


class Deputy(Record, table=True):
    """During an absence, `deputy_id` may do what `absent_id` may; the first and the last day are included."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("absent_id <> deputy_id", name="deputy_is_another_person"),
        CheckConstraint("first_date <= last_date", name="absence_ends_after_it_begins"),
    )
    absent_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    deputy_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    first_date: date = plain(nullable=False)
    last_date: date = plain(nullable=False)
    withdrawn: bool = plain(default=False, nullable=False)
