"""Journal entries and their lines: drafts change, what is posted never does, whoever tries."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text

from db.kernel.guards import Follows, FrozenWhen, Refuses, guard
from db.kernel.record import Centimes, Instant, Record, personal, plain

ORDERS = ("entry_date", "number", "text_order", "total", "updated_at")
_ZERO = Decimal(0)


class JournalEntry(Record, table=True):
    """One entry. `counted` is its place among the numbers of `counted_year`; a draft has none yet."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        CheckConstraint("state in ('draft', 'posted')", name="journal_entry_state"),
        CheckConstraint("(state = 'posted') = (posted_at is not null)", name="journal_entry_posted"),
        CheckConstraint("(number = '') = (posted_at is null)", name="journal_entry_numbered"),
        CheckConstraint("reverses_id is null or reverses_id <> id", name="journal_entry_reverses"),
        UniqueConstraint("counted_year", "counted", name="journal_entry_counted"),
        Index(
            "journal_entry_number",
            "number",
            unique=True,
            sqlite_where=text("number <> ''"),
            postgresql_where=text("number <> ''"),
        ),
        Index(
            "journal_entry_reversed_once",
            "reverses_id",
            unique=True,
            sqlite_where=text("reverses_id is not null"),
            postgresql_where=text("reverses_id is not null"),
        ),
        Index("journal_entry_origin", "origin_kind", "origin_id"),
        Index("journal_entry_facets", "state", "search_number", "total", "id"),
        *[Index(f"journal_entry_by_{name}", name, "id", "search_number") for name in ORDERS],
    )
    number: str = plain(default="", nullable=False)
    counted: int | None = plain(default=None)
    counted_year: int | None = plain(default=None)
    entry_date: date = plain(nullable=False)
    text: str = personal(default="", nullable=False)
    document: str = plain(default="", nullable=False)
    state: str = plain(default="draft", nullable=False)
    total: Decimal = plain(sa_type=Centimes, default=_ZERO, nullable=False)  # of the debits
    origin_kind: str = plain(default="", nullable=False)
    origin_id: UUID | None = plain(default=None)
    reverses_id: UUID | None = plain(default=None, foreign_key="journal_entry.id")
    posted_at: datetime | None = plain(sa_type=Instant, default=None)
    posted_by_id: UUID | None = plain(default=None, foreign_key="user_account.id")
    text_order: str = personal(default="", nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)

    @property
    def name(self) -> str:
        """Return what the entry is called where records are named."""
        return self.text


class JournalLine(Record, table=True):
    """One line. `entry_date` and `is_posted` are those of the entry, so that balances need no join."""

    __tablename__ = "journal_line"
    __table_args__ = (
        CheckConstraint("debit >= 0 and credit >= 0 and (debit = 0) <> (credit = 0)", name="journal_line_amount"),
        CheckConstraint(
            "(currency = 'CHF' and currency_amount is null and rate_millionths is null) or "
            "(currency <> 'CHF' and currency_amount > 0 and rate_millionths > 0)",
            name="journal_line_currency",
        ),
        UniqueConstraint("entry_id", "position", name="journal_line_position"),
        Index("journal_line_balance", "account_id", "is_posted", "entry_date", "debit", "credit"),
        Index("journal_line_of_account", "account_id", "entry_date", "id", "search_number"),
        Index("journal_line_by_entry_date", "entry_date", "id", "search_number"),
    )
    entry_id: UUID = plain(foreign_key="journal_entry.id", nullable=False)
    position: int = plain(nullable=False)
    account_id: UUID = plain(foreign_key="account.id", nullable=False)
    entry_date: date = plain(nullable=False)
    debit: Decimal = plain(sa_type=Centimes, default=_ZERO, nullable=False)
    credit: Decimal = plain(sa_type=Centimes, default=_ZERO, nullable=False)
    text: str = personal(default="", nullable=False)
    party_id: UUID | None = plain(default=None, foreign_key="party_identity.id", index=True)  # as it was named then
    document: str = plain(default="", nullable=False)
    due_date: date | None = plain(default=None)
    settles_id: UUID | None = plain(default=None, foreign_key="journal_line.id", index=True)
    currency: str = plain(default="CHF", nullable=False)
    currency_amount: Decimal | None = plain(sa_type=Centimes, default=None)
    rate_millionths: int | None = plain(sa_type=BigInteger, default=None)
    is_posted: bool = plain(default=False, nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False)  # of the entry: its words find its lines


_POSTS = "old.posted_at is null and new.posted_at is not null"
_LINES = "from journal_line l where l.entry_id = new.id"
_MONTH = (
    "select 1 from ledger_period p where p.first_date <= new.entry_date and p.last_date >= new.entry_date "
    "and p.state <> 'closed'{lock}"
)
_LAST = "select max(e.counted) from journal_entry e where e.counted_year = new.counted_year and e.posted_at is not null"
_POSTING = {
    "unbalanced": (f"(select coalesce(sum(l.debit - l.credit), 0) {_LINES}) <> 0", "debit and credit differ"),
    "empty": (f"(select count(*) {_LINES}) < 2", "an entry has two lines at least"),
    "total": (f"(select coalesce(sum(l.debit), 0) {_LINES}) <> new.total", "the total is not that of the lines"),
    "dates": (f"exists (select 1 {_LINES} and l.entry_date <> new.entry_date)", "a line has another date"),
    "period": (f"not exists ({_MONTH})", "its period is closed or does not exist"),
    "number": (
        f"(new.counted is null or new.counted_year is null or new.counted <> 1 + coalesce(({_LAST}), 0))",
        "its number leaves a gap",
    ),
}
for _name, (_condition, _says) in _POSTING.items():
    guard(Refuses("journal_entry", _name, "update", f"{_POSTS} and {_condition}", f"journal_entry: {_says}"))
guard(Refuses("journal_entry", "posted", "insert", "new.posted_at is not null", "journal_entry: begins as a draft"))
guard(FrozenWhen("journal_entry", "old.posted_at is not null"))
guard(
    Follows(
        "journal_entry",
        "posted",
        "update",
        _POSTS,
        ("update journal_line set is_posted = true where entry_id = new.id",),
    )
)
_OF_POSTED = "(select e.posted_at from journal_entry e where e.id = {side}.entry_id{{lock}}) is not null"
_NEW, _OLD = _OF_POSTED.format(side="new"), _OF_POSTED.format(side="old")
guard(Refuses("journal_line", "added", "insert", f"{_NEW} or new.is_posted", "journal_line: its entry is posted"))
guard(
    Refuses(
        "journal_line",
        "moved",
        "update",
        f"new.entry_id <> old.entry_id and {_NEW}",
        "journal_line: its entry is posted",
    )
)
guard(
    Refuses(
        "journal_line",
        "marked",
        "update",
        f"new.is_posted <> old.is_posted and (old.is_posted or not {_NEW})",
        "journal_line: is posted with its entry",
    )
)
guard(FrozenWhen("journal_line", _OLD.replace("{lock}", ""), free=("is_posted",)))
