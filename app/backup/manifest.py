"""What a backup says about itself; written first, so that a foreign or newer file is refused at once."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from db.kernel.errors import BadInput

FORMAT = 1
NAME = "manifest.json"
MEMBER = re.compile(r"^(rows/[a-z0-9_]+\.jsonl|files/[0-9a-f]{2}/[0-9a-f]{64})$")


class NotABackup(BadInput):
    """The file was not written by `boussole backup`, or is damaged."""


@dataclass(frozen=True)
class Manifest:
    """Which company at which moment; per member of the archive its sha256, per table its rows."""

    company: str
    made_at: str
    revision: str
    seal: str  # the last link of the chain
    counts: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    product: str = "boussole"
    format: int = FORMAT

    def as_text(self) -> str:
        """Return the manifest as JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def read_manifest(content: bytes, name: str) -> Manifest:
    """Return the manifest of the backup `name`.

    Raises:
        NotABackup: it is none of ours, or names members that no backup has.
    """
    try:
        facts: dict[str, Any] = json.loads(content)
        found = Manifest(**facts)
    except (ValueError, TypeError):
        raise not_a_backup(name) from None
    if found.product != "boussole" or not all(MEMBER.match(member) for member in found.hashes):
        raise not_a_backup(name)
    if found.format > FORMAT:
        raise BadInput("La sauvegarde {name} vient d’une version plus récente de Boussole.", name=name)
    return found


def not_a_backup(name: str) -> NotABackup:
    """Return the refusal of a file that is no backup."""
    return NotABackup("Le fichier {name} n’est pas une sauvegarde de Boussole, ou il est abîmé.", name=name)
