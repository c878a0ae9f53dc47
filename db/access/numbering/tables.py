"""The formats that the firm chose for the numbers of its documents, and how far each kind is counted."""

from sqlmodel import SQLModel

from db.kernel.record import Record, plain


class NumberFormat(Record, table=True):
    """The format of one kind of document."""

    __tablename__ = "number_format"
    kind: str = plain(nullable=False, unique=True)
    pattern: str = plain(nullable=False)


class NumberCounter(SQLModel, table=True):
    """How many numbers of a kind were given in a year (0: its format does not restart); counted with the document."""

    __tablename__ = "number_counter"
    kind: str = plain(primary_key=True)
    year: int = plain(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int = plain(nullable=False)
