"""What one list is: columns, filters, queries, deeds. One `ListKind` describes a list; everything else is shared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.text import say
from db.access.rules import Actor, may_see_field
from db.records.custom_fields.rules import CustomField
from db.records.listing.questions import Questions
from db.records.views.queries import View


@dataclass(frozen=True)
class Around:
    """What a list shows besides its rows."""

    by: Actor
    at: datetime
    fields: Sequence[CustomField] = ()
    people: Sequence[tuple[UUID, str]] = ()
    names: Mapping[UUID, str] = field(default_factory=dict)
    views: Sequence[View] = ()
    stamp: str = ""


@dataclass(frozen=True)
class Editing:
    """How a cell is edited: the field that changes, how its text is read, and the choices if it has some."""

    field: str
    read: Callable[[str, Around], Any]  # raises BusinessError
    options: Callable[[Around], list[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Worded:
    """A value that a file tells in its reader's language."""

    said: Callable[[str], str]


def word(message_id: str) -> Worded:
    """Return a value that is a text of the catalogue."""
    return Worded(lambda language: say(language, message_id))


@dataclass(frozen=True)
class Column:
    """One column. `cell` gives what the list draws, `value` what an export holds (typed).

    `field` is the column of the record that it tells about; who may not see that has no such column.
    """

    key: str
    label: str
    kind: str
    cell: Callable[[Any, str, date], Any]
    value: Callable[[Any], Any]
    sort: str = ""
    falls: bool = False  # the first click shows the largest first
    width: str = ""
    field: str = ""
    editing: Editing | None = None


@dataclass(frozen=True)
class Facet:
    """A filter with one choice per value; `named` gives the words of a value."""

    name: str
    label: str
    field: str
    named: Callable[[str, Around], str]
    order: Sequence[str] = ()


@dataclass(frozen=True)
class RangeEnd:
    """One end of a range in the filter's menu, and the sentence of its chip."""

    name: str
    label: str
    chip: str  # French, with {value}
    field: str
    share: bool = False


@dataclass(frozen=True)
class Quick:
    """A chip that is always there: what it sets, and the facet whose counts it adds up."""

    key: str
    label: str
    sets: Callable[[Actor], Mapping[str, tuple[str, ...]]]
    counted: bool = True


@dataclass(frozen=True)
class Verb:
    """What can be done with many records at once. `values` reads what the person gave."""

    key: str
    label: str
    done: str  # French, with {count}
    values: Callable[[str, Around], Mapping[str, Any]]
    asks: str = ""  # the label of what the person gives; nothing is asked without one
    options: Callable[[Around], list[tuple[str, str]]] | None = None
    danger: bool = False


@dataclass(frozen=True)
class ListKind:
    """One list. `key` names its views and its export; `record` is the kind of its records."""

    key: str
    record: str
    table: str
    route: str
    link: str  # the page of one record, with {id}
    title: str
    words: tuple[str, str]  # one, many
    read: str
    edit: str
    export: str
    columns: Callable[[Around], list[Column]]
    usual: tuple[str, ...]
    queries: Questions
    read_request: Callable[[str], Any]
    change: Callable[..., Any]
    facets: tuple[Facet, ...] = ()
    ranges: tuple[RangeEnd, ...] = ()
    quick: tuple[Quick, ...] = ()
    verbs: tuple[Verb, ...] = ()
    tabs: Callable[[Actor], list[tuple[str, str]]] = lambda by: [("Toutes", "view=all")]
    opens: str = ""  # the address when nothing is asked
    usual_sort: str = "name"
    new: tuple[str, str] = ("", "")  # the words of the button for a new record, and its address
    nothing: tuple[str, str, str, str] = ("", "", "", "")  # title, sentence, offer, address: of an empty first view
    none_fits: str = "Rien ne correspond."
    file: str = "liste"
    stamp: Callable[[Actor], str] = lambda by: ""
    more_names: Callable[[Actor], Mapping[UUID, str]] = lambda by: {}  # of what facets name besides people
    group: str = ""  # the part of the kind whose added fields it shows
    extra: tuple[tuple[str, Callable[[Any], Any], str], ...] = ()  # label, value, field: only in the export

    def columns_seen(self, around: Around) -> list[Column]:
        """Return the columns whose field the reader may see."""
        return [c for c in self.columns(around) if may_see_field(around.by, self.table, c.field or c.key)]

    def facets_seen(self, by: Actor) -> list[Facet]:
        """Return the facets whose field the reader may see."""
        return [facet for facet in self.facets if may_see_field(by, self.table, facet.field)]


def people(around: Around) -> list[tuple[str, str]]:
    """Return the people who work here, as choices; nobody first."""
    return [("", "—"), *((str(user_id), name) for user_id, name in around.people)]
