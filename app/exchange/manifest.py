"""What an exported company says about itself: the part of the archive by which all others are checked."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from app.exchange.layout import MEMBER
from db.kernel.errors import BadInput, BusinessError

FORMAT = 1
KIND = "company"


class BadArchive(BusinessError):
    """The file is no exported company, or a part of it is not what was written."""


@dataclass(frozen=True)
class ColumnFacts:
    """One column: its type in words, and whether it describes a person."""

    name: str
    type: str
    privacy: str


@dataclass(frozen=True)
class TableFacts:
    """One table: how many rows, what its amounts add up to, what its columns are."""

    rows: int
    sums: dict[str, str] = field(default_factory=dict)
    columns: list[ColumnFacts] = field(default_factory=list)


@dataclass(frozen=True)
class Member:
    """One part of the archive."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The whole of an exported company."""

    company: str
    made_at: str
    version: str  # of the product
    revision: str  # of the tables
    chain_head: str
    tables: dict[str, TableFacts]
    members: dict[str, Member]
    left_out: dict[str, str]
    secret_columns: list[str]
    product: str = "boussole"
    kind: str = KIND
    format: int = FORMAT

    def as_text(self) -> str:
        """Return the manifest as JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @property
    def files(self) -> list[str]:
        """Return the sha256 of every original file and artifact."""
        return sorted({name.split("/")[1] for name in self.members if name.startswith("files/")})

    @property
    def bytes(self) -> int:
        """Return how much the parts weigh together."""
        return sum(member.bytes for member in self.members.values())


def read_manifest(content: bytes, name: str) -> Manifest:
    """Return the manifest of the archive `name`.

    Raises:
        BadArchive: it is none of ours, or names parts that no export has.
        BadInput: a newer version wrote it.
    """
    try:
        facts: dict[str, Any] = json.loads(content)
        is_ours = facts["product"] == "boussole" and facts["kind"] == KIND
        newer = int(facts["format"]) > FORMAT
        if is_ours and newer:
            raise BadInput("{name} vient d’une version plus récente de Boussole. Installer cette version.", name=name)
        tables = {
            table: TableFacts(int(one["rows"]), dict(one["sums"]), [ColumnFacts(**column) for column in one["columns"]])
            for table, one in facts.pop("tables").items()
        }
        members = {
            member: Member(int(one["bytes"]), str(one["sha256"])) for member, one in facts.pop("members").items()
        }
        found = Manifest(tables=tables, members=members, **facts)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise not_ours(name) from None
    if not is_ours or not all(MEMBER.fullmatch(member) and not _climbs(member) for member in found.members):
        raise not_ours(name)
    if any(member.bytes < 0 for member in found.members.values()):
        raise not_ours(name)
    return found


def _climbs(member: str) -> bool:
    return any(part in ("", ".", "..") for part in member.split("/"))


def not_ours(name: str) -> BadArchive:
    """Return the refusal of a file that is no exported company."""
    return BadArchive("{name} n’est pas l’export d’une entreprise de Boussole, ou il est abîmé.", name=name)
