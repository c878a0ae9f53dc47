"""The chart of accounts."""

from sqlalchemy import CheckConstraint, Index

from db.kernel.guards import FrozenWhen, Refuses, guard
from db.kernel.record import Record, plain
from db.ledger.accounts.rules import AccountKind, Collective

ORDERS = ("number", "name_order", "kind", "updated_at")
_KINDS = ", ".join(f"'{kind.value}'" for kind in AccountKind)
_COLLECTIVES = ", ".join(f"'{one.value}'" for one in Collective)


class Account(Record, table=True):
    """One account. `collective` says that its lines are open items of customers or suppliers."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(f"kind in ({_KINDS})", name="account_kind"),
        CheckConstraint(f"collective in ({_COLLECTIVES})", name="account_collective"),
        CheckConstraint("name <> ''", name="account_name"),
        CheckConstraint("number <> ''", name="account_number"),
        CheckConstraint("length(currency) = 3", name="account_currency"),
        Index("account_facets", "kind", "is_archived", "search_number", "id"),
        *[Index(f"account_by_{name}", name, "id", "search_number") for name in ORDERS],
    )
    number: str = plain(nullable=False, unique=True)
    name: str = plain(nullable=False)
    name_de: str = plain(default="", nullable=False)
    name_en: str = plain(default="", nullable=False)
    kind: str = plain(nullable=False)
    currency: str = plain(default="CHF", nullable=False)
    collective: str = plain(default="", nullable=False)
    co_position: str = plain(default="", nullable=False)  # CO 959a/959b
    is_archived: bool = plain(default=False, nullable=False)
    name_order: str = plain(default="", nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)


_IN_USE = "exists (select 1 from journal_line l where l.account_id = old.id)"
_POSTED = "exists (select 1 from journal_line l where l.account_id = old.id and l.is_posted)"
guard(Refuses("account", "in_use", "delete", _IN_USE, "account: an account in use is never deleted"))
guard(
    FrozenWhen(
        "account",
        _POSTED,
        free=(
            *("name", "name_de", "name_en", "co_position", "is_archived", "name_order"),
            *("search_number", "updated_at", "row_version"),
        ),
    )
)
