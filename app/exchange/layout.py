"""What an exported company consists of: which tables, which columns stay behind, and how its files are named."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Numeric, Table

from db.kernel.record import Scaled

MANIFEST, README = "manifest.json", "LISEZMOI.txt"
MEMBER = re.compile(
    r"(manifest\.json|LISEZMOI\.txt|tables/[a-z][a-z0-9_]{0,62}\.(csv|jsonl)|files/[0-9a-f]{64}/[^/\\\x00-\x1f]{1,120})"
)

# Tables that say nothing of the company: how this installation works and who is signed in at this moment.
LEFT_OUT: Mapping[str, str] = {
    "api_token": "accès : à créer à nouveau",
    "recovery_code": "accès : à créer à nouveau",
    "reset_link": "accès : liens à usage unique",
    "sign_in_session": "accès : sessions ouvertes",
    "sign_in_attempt": "accès : tentatives de connexion",
    "ticket": "accès : billets à usage unique",
    "totp_offer": "accès : second facteur proposé",
    "heartbeat": "marche de l’installation",
    "job": "marche de l’installation",
    "job_log": "marche de l’installation",
    "job_part": "marche de l’installation",
    "undo_conflict": "marche de l’installation",
    "event": "marche de l’installation",
    "schedule_run": "marche de l’installation",
    "rescore_wanted": "marche de l’installation",
    "idempotency_key": "marche de l’installation",
    "webhook_delivery": "marche de l’installation",
    "webhook_attempt": "marche de l’installation",
    "form_draft": "brouillons de formulaires",
}


def is_secret(column: Column[Any]) -> bool:
    """Test if a column never leaves the database."""
    return bool(column.info.get("privacy") == "secret")


def is_money(column: Column[Any]) -> bool:
    """Test if a column holds amounts or quantities that must add up to the same after an import."""
    return isinstance(column.type, Scaled | Numeric) and not column.primary_key


def exported(tables: list[Table], ours: Mapping[str, Table]) -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Give each table that is exported with its columns, parents before children."""
    for table in tables:
        known = ours.get(table.name)
        if table.name in LEFT_OUT:
            continue
        secret = {column.name for column in known.columns if is_secret(column)} if known is not None else set()
        yield table, [column for column in table.columns if column.name not in secret]


def clean_name(name: str) -> str:
    """Return a file's name as a member of an archive may bear it on any system."""
    bare = re.sub(r"[\\/:*?\"<>|\x00-\x1f]", "_", name).strip(" .")[-100:]
    return bare or "fichier"
