"""The sealer appends deeds to the chain. Its bookkeeping is no deed and has no gate."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from db.access.seals.queries import facts_of
from db.access.seals.rules import START, deed_digest, next_link
from db.access.tables import Change, Deed, Seal

SEALER_LOCK = 7_041_776  # one sealer at a time; any number will do as long as nobody else uses it
BATCH = 500


def seal_deeds(session: Session, *, at: datetime, most: int = 5000) -> int:
    """Append up to `most` committed deeds that have no seal yet, oldest first; return how many.

    A deed is visible here only with all its changes, because they are written in one transaction.
    """
    _wait_for_other_sealers(session)
    number, link = _head(session)
    sealed = 0
    while sealed < most:
        deeds = _unsealed(session, min(BATCH, most - sealed))
        if not deeds:
            break
        rows = []
        for deed, digest in _digests(session, deeds):
            number, link = number + 1, next_link(link, digest)
            rows.append({"number": number, "deed_id": deed.id, "digest": digest, "link": link, "sealed_at": at})
        session.connection().execute(insert(Seal), rows)
        sealed += len(rows)
    return sealed


def _wait_for_other_sealers(session: Session) -> None:
    """Hold the sealers' lock until the transaction ends (on SQLite the transaction itself is that lock)."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("select pg_advisory_xact_lock(:key)"), {"key": SEALER_LOCK})


def _head(session: Session) -> tuple[int, str]:
    last = session.exec(select(Seal).order_by(col(Seal.number).desc()).limit(1)).first()
    return (last.number, last.link) if last else (0, START)


def _unsealed(session: Session, most: int) -> Sequence[Deed]:
    wanted = select(Deed).outerjoin(Seal, col(Seal.deed_id) == col(Deed.id)).where(col(Seal.number).is_(None))
    return session.exec(wanted.order_by(col(Deed.id)).limit(most)).all()


def _digests(session: Session, deeds: Sequence[Deed]) -> Iterator[tuple[Deed, str]]:
    """Give each deed with its digest."""
    wanted = (
        select(Change.deed_id, Change.digest)
        .where(col(Change.deed_id).in_([deed.id for deed in deeds]))
        .order_by(col(Change.deed_id), col(Change.id))
    )
    found: dict[UUID, list[str]] = {
        deed_id: [digest for _, digest in rows]
        for deed_id, rows in groupby(session.exec(wanted), key=lambda row: row[0])
    }
    for deed in deeds:
        yield deed, deed_digest(facts_of(deed), found.get(deed.id, []))
