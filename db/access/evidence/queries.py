"""Evidence that waits for the sealer, and whether rows are still those that evidence was given of."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func
from sqlmodel import Session, SQLModel, col, select

from db.access.evidence.hashing import POINTER, SOURCES, Tally, new_salt, root_of
from db.access.evidence.tables import Evidence, SealedEvidence
from db.access.gate import readable
from db.access.seals.rules import Findings, Problem

BATCH = 1000
MOST_AT_ONCE = 5000


@readable("access.read_history")
def needs_sealing(session: Session) -> bool:
    """Test if evidence waits for the sealer, or a table has not been hashed at all yet."""
    rests = session.exec(select(func.count(col(Evidence.id))).where(col(Evidence.is_rest))).one()
    if rests < len(SOURCES):
        return True
    return session.exec(select(Evidence.id).where(col(Evidence.sealed_id).is_(None)).limit(1)).first() is not None


def waiting_evidence(session: Session) -> list[tuple[UUID, str]]:
    """Return ids and digests of the oldest evidence that is in no chain yet."""
    wanted = select(Evidence.id, Evidence.digest).where(col(Evidence.sealed_id).is_(None))
    return [(row[0], row[1]) for row in session.exec(wanted.order_by(col(Evidence.id)).limit(MOST_AT_ONCE))]


def rest_of(session: Session, source: str) -> Tally:
    """Return the tally of the rows of a table that carry no evidence."""
    tally, table = Tally(SOURCES[source], new_salt()), _table(source)
    for row in _rows(session, table, table.c[POINTER].is_(None)):
        tally.take(row._mapping)
    return tally


def check_evidence(session: Session, findings: Findings) -> None:
    """Hash again all rows of which evidence was given, and all evidence that was sealed; note what differs."""
    for source in SOURCES:
        _check_source(session, source, findings)
    _check_sealed(session, findings)


def _check_source(session: Session, source: str, findings: Findings) -> None:
    told = {one.id: one for one in session.exec(select(Evidence).where(col(Evidence.source) == source))}
    rest = next((one for one in told.values() if one.is_rest), None)
    table, seen = _table(source), set()
    for evidence_id, rows in groupby(_rows(session, table), key=lambda row: row._mapping[POINTER]):
        known = rest if evidence_id is None else told.get(evidence_id)
        if known is None:
            count = sum(1 for _ in rows)
            if evidence_id is not None:
                what = "{now} lignes de {table} ont été ajoutées sans passer par Boussole (lot {id})."
                findings.add(Problem(what, source, str(evidence_id), "", 0, count))
            continue
        tally = Tally(SOURCES[source], known.salt)
        for row in rows:
            tally.take(row._mapping)
        seen.add(known.id)
        _compare(source, known, tally, findings)
    for one in told.values():
        if one.id not in seen:
            _compare(source, one, Tally(SOURCES[source], one.salt), findings)
    findings.evidence += len(told)


def _compare(source: str, known: Evidence, tally: Tally, findings: Findings) -> None:
    if tally.digest == known.digest and tally.rows == known.rows:
        return
    what = (
        "Le lot {id} de {table} a été altéré : {in_history} lignes y ont été écrites, {now} s’y trouvent."
        if tally.rows != known.rows
        else "Le lot {id} de {table} a été altéré : une de ses {now} lignes n’est plus celle qui a été écrite."
    )
    findings.add(Problem(what, source, str(known.id), "", known.rows, tally.rows))


def _check_sealed(session: Session, findings: Findings) -> None:
    wanted = select(Evidence.sealed_id, Evidence.digest).where(col(Evidence.sealed_id).is_not(None))
    digests: dict[Any, list[str]] = {}
    for sealed_id, digest in session.execute(wanted.order_by(col(Evidence.id))):
        digests.setdefault(sealed_id, []).append(digest)
    for sealed in session.exec(select(SealedEvidence)):
        found = digests.pop(sealed.id, [])
        if len(found) != sealed.pieces or root_of(found) != sealed.digest:
            what = (
                "Des empreintes de lots scellées sous {id} ont été altérées : {in_history} scellées, {now} présentes."
            )
            findings.add(Problem(what, "evidence", str(sealed.id), "", sealed.pieces, len(found)))


def _table(source: str) -> Table:
    return SQLModel.metadata.tables[source]


def _rows(session: Session, table: Table, *conditions: Any) -> Iterator[Any]:
    columns = [table.c[POINTER], *(table.c[name] for name in SOURCES[table.name])]
    wanted = select(*columns).where(*conditions).order_by(table.c[POINTER], table.c.id)
    return iter(session.execute(wanted, execution_options={"yield_per": BATCH}))
