"""Is everything as history says? The chain, the values, and every live row against the history that made it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Numeric, Table, func
from sqlmodel import Session, SQLModel, col, select

from db.access.evidence.queries import check_evidence
from db.access.gate import readable
from db.access.history import as_json, canonical, digest_of, tracked_columns
from db.access.seals.rules import MOST_LISTED, START, Findings, Problem, deed_digest, next_link
from db.access.tables import Change, ChangeValue, Deed, Seal
from db.kernel.record import Instant, Record, Scaled

BATCH = 1000


@readable("access.read_history")
def verify(session: Session, *, watch: Callable[[int, int], None] | None = None) -> Findings:
    """Return what does not agree with the history, reading everything once in a fixed state of the database.

    `watch` is told how many kinds of record of all were compared.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    findings = Findings()

    _check_links(session, findings)
    _check_deeds(session, findings)
    kinds = _kinds(session)
    for number, (kind, table) in enumerate(kinds.items()):
        if watch is not None:
            watch(number, len(kinds))
        _check_kind(session, kind, table, findings)
    check_evidence(session, findings)

    return findings


@readable("access.read_history")
def unsealed_deeds(session: Session) -> int:
    """Return how many deeds wait for the sealer."""
    wanted = select(func.count(col(Deed.id))).outerjoin(Seal, col(Seal.deed_id) == col(Deed.id))
    return session.exec(wanted.where(col(Seal.number).is_(None))).one()


DEED_FACTS = (Deed.id, Deed.at, Deed.action, Deed.actor_id, Deed.actor_name, Deed.via, Deed.undoes)


def facts_of(deed: Any) -> str:
    """Return as one text what a deed's digest covers besides its changes (a deed, or a row of `DEED_FACTS`)."""
    facts = [
        str(deed.id),
        deed.at.astimezone(UTC).isoformat(),
        deed.action,
        str(deed.actor_id) if deed.actor_id else None,
        deed.actor_name,
        deed.via,
        str(deed.undoes) if deed.undoes else None,
    ]
    return canonical(facts)


# --- the chain --------------------------------------------------------------------------------------------------------


def _check_links(session: Session, findings: Findings) -> None:
    """Follow the chain from its first link."""
    link = START
    for number, digest, found in _stream(
        session, select(Seal.number, Seal.digest, Seal.link).order_by(col(Seal.number))
    ):
        findings.sealed += 1
        link = next_link(link, digest)
        if number != findings.sealed:
            findings.add(
                Problem(
                    "La chaîne a un trou avant le sceau {id}.", "seal", str(number), "number", findings.sealed, number
                )
            )
            findings.sealed = number
        if link != found:
            findings.add(
                Problem("Le sceau {id} ne suit pas de celui d’avant.", "seal", str(number), "link", link, found)
            )
            link = found
    findings.head = link


def _check_deeds(session: Session, findings: Findings) -> None:
    """Compare each deed, and the digests of its changes, with its seal; list those not sealed yet."""
    digests = select(Change.deed_id, Change.digest).order_by(col(Change.deed_id), col(Change.id))
    changes = _Grouped(_stream(session, digests))
    deeds = select(*DEED_FACTS, Seal.digest).outerjoin(Seal, col(Seal.deed_id) == col(Deed.id)).order_by(col(Deed.id))  # type: ignore[call-overload]
    for deed in _stream(session, deeds):
        digest = deed_digest(facts_of(deed), (row[1] for row in changes.of(deed.id)))
        if deed.digest is None:
            findings.unsealed_count += 1
            if findings.unsealed_count <= MOST_LISTED:
                findings.unsealed.append(str(deed.id))
        elif deed.digest != digest:
            what = "L’acte {id} ({now}) ou la liste de ses changements a été altéré."
            findings.add(Problem(what, "deed", str(deed.id), "digest", deed.digest, deed.action))
    _check_lost_deeds(session, findings)


def _check_lost_deeds(session: Session, findings: Findings) -> None:
    lost = select(Seal.number, Seal.deed_id).outerjoin(Deed, col(Deed.id) == col(Seal.deed_id))
    for number, deed_id in session.exec(lost.where(col(Deed.id).is_(None))):
        findings.add(Problem("L’acte {id} a été supprimé.", "deed", str(deed_id), "", f"sceau {number}", None))


# --- records ----------------------------------------------------------------------------------------------------------


def _kinds(session: Session) -> dict[str, Table | None]:
    """Return every kind of record that has a table or a history."""
    tables: dict[str, Table | None] = {}
    for mapper in SQLModel._sa_registry.mappers:
        if issubclass(mapper.class_, Record) and isinstance(mapper.local_table, Table):
            tables[mapper.local_table.name] = mapper.local_table
    for kind in session.exec(select(Change.record_kind).distinct()):
        tables.setdefault(kind, None)
    return dict(sorted(tables.items()))


def _check_kind(session: Session, kind: str, table: Table | None, findings: Findings) -> None:
    """Walk the history and the live rows of one kind side by side, both by id."""
    columns = [] if table is None else [table.c[name] for name in tracked_columns(table)]
    live = _Grouped(iter(()) if table is None else _live(session, table, columns))
    for record_id, changes in _Grouped(_history(session, kind)).groups():
        for unknown in live.before(record_id):
            findings.add(_unknown(kind, unknown))
        told = _fold(kind, record_id, changes, findings)
        now = [values for _, values in live.of(record_id)]
        _compare(kind, record_id, told, now[0] if now else None, columns, findings)
    for record_id, _ in live.groups():
        findings.add(_unknown(kind, record_id))


def _unknown(kind: str, record_id: UUID) -> Problem:
    return Problem("La ligne {id} de {table} n’a été créée par aucun acte.", kind, str(record_id), "", None, "présente")


def _history(session: Session, kind: str) -> Iterator[Any]:
    """Give the changes of a kind by record and in their order, with their values."""
    wanted = (
        select(  # type: ignore[call-overload]
            Change.record_id,
            Change.id,
            Change.operation,
            Change.digest,
            ChangeValue.salt,
            ChangeValue.before,
            ChangeValue.after,
        )
        .outerjoin(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(Change.record_kind == kind)
        .order_by(col(Change.record_id), col(Change.id))
    )
    return _stream(session, wanted)


def _live(session: Session, table: Table, columns: list[Column[Any]]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Give the live rows of a table by id, as history writes values."""
    names = [column.name for column in columns]
    for row in _stream(session, select(table.c.id, *columns).order_by(table.c.id)):
        yield row[0], {name: as_json(value) for name, value in zip(names, row[1:], strict=True)}


def _fold(kind: str, record_id: UUID, changes: Iterator[Any], findings: Findings) -> dict[str, Any] | None:
    """Return the values that a record has by its history (None: none any more), checking each change on the way.

    What was erased leaves its columns unknown; that is right only where a later change says that it erased them.
    """
    values: dict[str, Any] | None = None
    lost: list[UUID] = []
    findings.records += 1
    for _, change_id, operation, digest, salt, before, after in changes:
        findings.changes += 1
        if operation == "erase":
            findings.erased += len(lost)
            lost = []
        if salt is None:
            lost += [] if operation == "erase" else [change_id]
            values = None if operation == "delete" else {}
            continue
        if digest_of(salt, kind, str(record_id), operation, before, after) != digest:
            what = "L’historique de {table} {id} a été altéré : le changement {now} ne correspond pas à son empreinte."
            findings.add(Problem(what, kind, str(record_id), "", digest, str(change_id)))
        values = _after(values, operation, after)
    for change_id in lost:
        what = "L’historique de {table} {id} a perdu les valeurs du changement {in_history} sans acte d’effacement."
        findings.add(Problem(what, kind, str(record_id), "", str(change_id), None))
    return values


def _after(values: dict[str, Any] | None, operation: str, after: dict[str, Any] | None) -> dict[str, Any] | None:
    if operation == "delete":
        return None
    return {**(values or {}), **(after or {})}


def _compare(
    kind: str,
    record_id: UUID,
    told: dict[str, Any] | None,
    now: dict[str, Any] | None,
    columns: list[Column[Any]],
    findings: Findings,
) -> None:
    """Name every column of a record that is not what its history says."""
    if told is not None and now is None:
        what = "La ligne {id} de {table} a été supprimée sans acte."
        findings.add(Problem(what, kind, str(record_id), "", "présente", None))
    if told is None and now is not None:
        what = "La ligne {id} de {table} est présente, alors que l’historique l’a supprimée."
        findings.add(Problem(what, kind, str(record_id), "", None, "présente"))
    if told is None or now is None:
        return
    for column in columns:  # a column younger than the history, or erased, is not in it
        if column.name in told and not is_same(column, told[column.name], now[column.name]):
            what = "{table} {id}, colonne {column} : {in_history} selon l’historique, {now} dans la base."
            findings.add(Problem(what, kind, str(record_id), column.name, told[column.name], now[column.name]))


def is_same(column: Column[Any], one: Any, other: Any) -> bool:
    """Test if two values as history writes them say the same (`10.5` and `10.50`; one instant in two time zones)."""
    if one == other:
        return True
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    if isinstance(column.type, Scaled | Numeric):
        return Decimal(one) == Decimal(other)
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(one).astimezone(UTC) == datetime.fromisoformat(other).astimezone(UTC)
    return False


# --- reading much -----------------------------------------------------------------------------------------------------


def _stream(session: Session, wanted: Any) -> Iterator[Any]:
    """Give rows, read a thousand at a time and not kept."""
    return iter(session.execute(wanted, execution_options={"yield_per": BATCH}))


class _Grouped:
    """Rows sorted by their first column, given group by group; what is asked for must be asked in that order."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._groups = groupby(rows, key=lambda row: row[0])
        self._next: tuple[Any, Iterator[Any]] | None = next(self._groups, None)

    def groups(self) -> Iterator[tuple[Any, Iterator[Any]]]:
        """Give all groups that are left."""
        while self._next is not None:
            yield self._next
            self._next = next(self._groups, None)

    def before(self, key: Any) -> Iterator[Any]:
        """Give the keys that come before one, passing over their rows."""
        while self._next is not None and self._next[0] < key:
            yield self._next[0]
            self._next = next(self._groups, None)

    def of(self, key: Any) -> Iterator[Any]:
        """Give the rows of a key."""
        for _ in self.before(key):
            pass
        if self._next is not None and self._next[0] == key:
            yield from self._next[1]
            self._next = next(self._groups, None)
