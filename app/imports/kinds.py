"""Which kinds of records can be imported. A kind is data: its fields, the words that name them, and its deeds."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.documents.imports.deeds import ImportDeeds
from db.kernel.errors import BadInput

KINDS: dict[str, str] = {
    "companies": "app.imports.parties:COMPANIES",
    "contacts": "app.imports.parties:CONTACTS",
    "suppliers": "app.imports.parties:SUPPLIERS",
    "leads": "app.imports.leads:LEADS",
    "opportunities": "app.imports.opportunities:OPPORTUNITIES",
    "accounts": "app.imports.accounts:ACCOUNTS",
    "balances": "app.imports.ledger:BALANCES",
    "open_items": "app.imports.ledger:OPEN_ITEMS",
    "items": "app.imports.items:ITEMS",
    "stock": "app.imports.stock:STOCK",
    "hours": "app.imports.hours:HOURS",
}


@dataclass(frozen=True)
class Target:
    """A field of the record that a column can fill; `words` are how people call it, in French, German and English."""

    key: str
    label: str
    type: (
        str  # text, code (may be figures), name, number, date, yes_no, email, phone, canton, postal_code, country, uid,
    )
    # state
    words: tuple[str, ...]
    is_identity: bool = False  # a column with few different values is not it
    example: str = ""  # in the starter file; "" = the column is not in it


@dataclass(frozen=True)
class Situation:
    """What a row cannot know by itself: its place in the file and when the import began."""

    line: int
    place: int  # 0 = the oldest row
    rows: int
    began_at: datetime
    file_name: str


@dataclass(frozen=True)
class Kind:
    """One kind of record that files are read into."""

    name: str
    record_kind: str  # whose custom fields
    label: str
    permission: str
    undo_permission: str
    targets: tuple[Target, ...]
    states: Mapping[str, frozenset[str]]  # state → the words that say it
    state_labels: Mapping[str, str]
    key_targets: frozenset[str]  # fields by which one record can be found; custom fields always can
    field_of: Mapping[str, str]  # target → the record's field, where they differ
    reserved: frozenset[str]  # keys that no custom field may take
    build: Callable[
        [dict[str, Any], dict[str, Any], Situation], Any
    ]  # (values, custom, where) → draft; BadInput refuses
    row: Callable[..., Any]  # (line, draft, given, key) → what writing takes
    deeds: ImportDeeds
    known_keys: Callable[..., Any] | None = None  # kinds whose records are found by one chosen column
    find: Callable[..., Any] | None = None  # kinds with an identity of their own: rows → match by line
    identify: Callable[[Any], tuple[Any, ...]] | None = None  # draft → what it is recognised by
    recognised: str = ""  # in words, how known records are recognised
    portion: int = 500  # rows in one transaction, so that others need not wait for it
    takes_custom: bool = True  # columns may go to added fields, also to new ones
    proposes_custom: bool = False  # unknown columns are proposed as new fields
    group: str = ""  # the part of the kind whose added fields they are
    icon: str = "file-up"
    page: str = ""  # the list where the records are seen
    purpose: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """Return what can be the key; a kind with an identity of its own is not found by added fields."""
        return self.key_targets if self.identify is not None else self.key_targets | {"custom"}

    def target(self, key: str) -> Target | None:
        """Return the target with that key, if the kind has one."""
        return next((target for target in self.targets if target.key == key), None)


def said_in(draft: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a draft that a row of the file fills, as they are kept."""
    filled = [name for name, value in given.items() if value is not None]
    return {name: getattr(draft, name) for name in filled if hasattr(draft, name)}


def kind_named(name: str) -> Kind:
    """Return a kind by its name.

    Raises:
        BadInput: there is no such kind.
    """
    if name not in KINDS:
        raise BadInput("« {name} » ne s’importe pas. Possible : {kinds}.", name=name, kinds=", ".join(KINDS))
    module, _, constant = KINDS[name].partition(":")
    kind: Kind = getattr(importlib.import_module(module), constant)
    return kind
