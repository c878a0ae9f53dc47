"""What the page of a record shows, as plain texts; each area fills it for its kinds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from db.access.rules import Actor


@dataclass
class Fact:
    """A name and a value; with an address the value is a link."""

    label: str
    value: str
    href: str = ""


@dataclass
class Related:
    """One line among the records that belong to this one."""

    name: str
    detail: str
    href: str
    tag: str = ""
    tone: str = ""


@dataclass
class Group:
    """Records that belong to this one, under a heading, and where one is added."""

    title: str
    lines: list[Related]
    empty: str = ""
    add_label: str = ""
    add_href: str = ""


@dataclass(frozen=True)
class PageView:
    """A record's page."""

    name: str
    tag: str = ""
    tone: str = ""
    main: list[Fact] = field(default_factory=list)  # the row of main facts
    facts: list[Fact] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)
    lives_at: str = ""  # another address, when this one is not the record's


@dataclass(frozen=True)
class Page:
    """What an area gives for the page of a kind."""

    form: str
    read: Callable[[Actor, UUID], PageView]
    act: Callable[[Actor, str, UUID, str], str]  # verb, record, reason → French notice
    plural: str  # French
    plural_route: str


PAGES_OF: dict[str, Page] = {}  # first part of the address → page
