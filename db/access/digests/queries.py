"""The chain as others keep and check it: a digest of its newest end, its links in an open form, and a kept digest."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table, func, select
from sqlmodel import Session, SQLModel, col

from db.access.gate import readable
from db.access.seals.queries import DEED_FACTS, facts_of
from db.access.seals.rules import START, Problem
from db.access.tables import Change, Deed, Seal
from db.kernel.record import Centimes, Record

DIGEST, CHAIN = "boussole-digest/1", "boussole-chain/1"
BATCH = 1000


@readable("access.read_history")
def digest_now(session: Session) -> dict[str, Any]:
    """Return the newest end of the chain, with how many records and which sums of money stand in the database."""
    newest = select(col(Seal.number), col(Seal.link)).order_by(col(Seal.number).desc()).limit(1)
    head = session.execute(newest).first()
    number, link = (head[0], head[1]) if head else (0, START)
    counts, sums = _totals(session)
    return {
        "format": DIGEST,
        "number": number,
        "link": link,
        "changes": _changes_until(session, number),
        "counts": counts,
        "sums": sums,
    }


@readable("access.read_history")
def write_chain(session: Session, *, write: Callable[[dict[str, Any]], None]) -> int:
    """Give each link of the chain in its order, with what its digest covers; return how many."""
    digests = _digests(session)
    wanted = (
        select(*DEED_FACTS, col(Seal.number), col(Seal.digest), col(Seal.link))  # type: ignore[call-overload]
        .join(Deed, col(Deed.id) == col(Seal.deed_id))
        .order_by(col(Seal.number))
    )
    written = 0
    for deed in session.execute(wanted, execution_options={"yield_per": BATCH}):
        changes = digests.get(deed.id, [])
        link = {"number": deed.number, "facts": facts_of(deed), "changes": changes}
        write({**link, "digest": deed.digest, "link": deed.link})
        written += 1
    return written


@readable("access.read_history")
def against(session: Session, *, kept: Mapping[str, Any]) -> list[Problem]:
    """Return what does not agree with a kept digest: links cut off since, rewritten ones, changes gone or added."""
    number = int(kept["number"])
    if number == 0:
        return []
    newest = session.scalar(select(func.max(col(Seal.number)))) or 0
    link = session.scalar(select(col(Seal.link)).where(col(Seal.number) == number))
    if link is None:
        what = "La chaîne est coupée : l’empreinte gardée va jusqu’au sceau {in_history}, la base jusqu’au sceau {now}."
        return [Problem(what, "seal", str(number), "number", number, newest)]
    if link != kept["link"]:
        what = "La chaîne a été réécrite : le sceau {id} n’est pas celui de l’empreinte gardée."
        return [Problem(what, "seal", str(number), "link", kept["link"], link)]
    changes = _changes_until(session, number)
    if changes != int(kept["changes"]):
        what = "Jusqu’au sceau {id}, l’empreinte gardée compte {in_history} changements, la base {now}."
        return [Problem(what, "change", str(number), "", kept["changes"], changes)]
    return _same_totals(session, kept) if newest == number and not _has_unsealed(session) else []


def _same_totals(session: Session, kept: Mapping[str, Any]) -> list[Problem]:
    """Compare counts and sums; only where nothing was done since, they must be the same."""
    counts, sums = _totals(session)
    pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [(kept["counts"], counts), (kept["sums"], sums)]
    problems = []
    for there, now in pairs:
        for name in sorted(set(there) & set(now)):
            if there[name] != now[name]:
                what = "{table} : {in_history} dans l’empreinte gardée, {now} dans la base."
                problems.append(Problem(what, name, "", "", there[name], now[name]))
    return problems


def _has_unsealed(session: Session) -> bool:
    waiting = select(col(Deed.id)).outerjoin(Seal, col(Seal.deed_id) == col(Deed.id))
    return session.execute(waiting.where(col(Seal.number).is_(None)).limit(1)).first() is not None


def _changes_until(session: Session, number: int) -> int:
    counted = select(func.count()).select_from(Change).join(Seal, col(Seal.deed_id) == col(Change.deed_id))
    return session.scalar(counted.where(col(Seal.number) <= number)) or 0


def _digests(session: Session) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    wanted = select(col(Change.deed_id), col(Change.digest)).order_by(col(Change.deed_id), col(Change.id))
    for deed_id, digest in session.execute(wanted, execution_options={"yield_per": BATCH}):
        found.setdefault(deed_id, []).append(digest)
    return found


def _totals(session: Session) -> tuple[dict[str, int], dict[str, str]]:
    """Return the records of each table, and the sum of each of its columns of money."""
    counts: dict[str, int] = {}
    sums: dict[str, str] = {}
    for table in _record_tables():
        money = [column for column in table.columns if isinstance(column.type, Centimes)]
        row = session.execute(select(func.count(), *[func.sum(column) for column in money]).select_from(table)).one()
        counts[table.name] = row[0]
        sums |= {f"{table.name}.{c.name}": str(total or "0.00") for c, total in zip(money, row[1:], strict=True)}
    return counts, sums


def _record_tables() -> list[Table]:
    mapped = [mapper for mapper in SQLModel._sa_registry.mappers if issubclass(mapper.class_, Record)]
    tables = [mapper.local_table for mapper in mapped if isinstance(mapper.local_table, Table)]
    return sorted(tables, key=lambda table: table.name)
