"""The digest of each day: a small file that, kept elsewhere, shows later that nothing was cut off or rewritten."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from app.doors import ask, now
from app.sealing import seal_everything
from app.text import SWITZERLAND
from db.access.company.queries import company
from db.access.digests.queries import CHAIN, DIGEST, digest_now, write_chain
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.session import COMPANY, data_folder, open_company

HOUR = 1  # of the night, in Switzerland


def digest_folder() -> Path:
    """Return where the digests of the open company are kept."""
    base = data_folder() / "digests"
    return base if open_company() == COMPANY else base / open_company()


def write_digest(by: Actor, at: datetime) -> Path:
    """Seal what waits and write the day's digest; one that is there already stays as it is."""
    place = digest_folder() / f"{at.astimezone(SWITZERLAND):%Y-%m-%d}.json"
    if place.exists():
        return place
    seal_everything(by)
    content = {**ask(by, digest_now), "company": open_company(), "made_at": at.isoformat()}
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    fresh.replace(place)
    return place


def every_night(by: Actor) -> None:
    """Write the digest of the day once its hour has come."""
    at = now()
    if at.astimezone(SWITZERLAND).hour >= HOUR and ask(by, company) is not None:
        write_digest(by, at)


def export_chain(by: Actor, place: Path) -> int:
    """Seal what waits and write the whole chain, one JSON line per link after a heading; return how many links."""
    seal_everything(by)
    fresh = place.with_name(place.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:

        def write(line: dict[str, Any]) -> None:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

        write({"format": CHAIN, "company": open_company(), "made_at": now().isoformat()})
        written = ask(by, write_chain, write=write)
    fresh.replace(place)
    return written


def read_digest(place: Path) -> dict[str, Any]:
    """Return a kept digest.

    Raises: BadInput: the file is none.
    """
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        if found["format"] != DIGEST or not isinstance(found["counts"], dict) or not isinstance(found["sums"], dict):
            raise ValueError(found["format"])
        return {**found, "number": int(found["number"]), "changes": int(found["changes"]), "link": str(found["link"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput("« {name} » n’est pas une empreinte de Boussole.", name=str(place)) from None
