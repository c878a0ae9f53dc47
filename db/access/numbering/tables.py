"""The formats that the firm chose for the numbers of its documents."""

from db.kernel.record import Record, plain


class NumberFormat(Record, table=True):
    """The format of one kind of document."""

    __tablename__ = "number_format"
    kind: str = plain(nullable=False, unique=True)
    pattern: str = plain(nullable=False)
