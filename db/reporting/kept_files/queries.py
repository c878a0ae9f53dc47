"""Which stored files the records of the firm tell of: original files, the files of models, of their checks and runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, SQLModel, col, select

from db.access.company.tables import Company
from db.access.gate import readable
from db.access.tables import Change, ChangeValue
from db.documents.attachments.tables import AttachedFile
from db.documents.received.tables import ReceivedFile
from db.insights.predictions.tables import ScoringRun
from db.insights.proposals.tables import ModelCheck, ModelVersion
from db.purchasing.bills.tables import BillFile

OF_FILES: tuple[tuple[type[SQLModel], str], ...] = (
    (AttachedFile, "sha256"),
    (ReceivedFile, "sha256"),
    (Company, "logo_sha256"),
    (ModelVersion, "notebook_sha256"),
    (ModelCheck, "report_sha256"),
    (ModelCheck, "frozen_sha256"),
    (ScoringRun, "sha256"),
    (BillFile, "sha256"),
)
ORIGINALS = ("attached_file", "received_file", "bill_file")


@dataclass(frozen=True)
class ToldFile:
    """A file that a record tells of. Without `is_live` the record is gone, and could come back by undoing."""

    sha256: str
    table: str
    record_id: str
    name: str
    is_live: bool = True


@readable("access.read_history")
def told_files(session: Session) -> list[ToldFile]:
    """Return the files that there must be, and those of records that were removed."""
    live = [*_of_columns(session), *_of_versions(session), *_of_pictures(session)]
    known = {one.sha256 for one in live}
    return [*live, *(one for one in _of_removed(session) if one.sha256 not in known)]


def _of_columns(session: Session) -> Iterator[ToldFile]:
    for kind, column in OF_FILES:
        table = str(kind.__tablename__)
        for row in session.exec(select(kind).where(getattr(kind, column).is_not(None))):
            name = str(getattr(row, "name", "") or column.removesuffix("_sha256"))
            yield ToldFile(getattr(row, column), table, str(row.id), name)  # type: ignore[attr-defined]


def _of_versions(session: Session) -> Iterator[ToldFile]:
    for version in session.exec(select(ModelVersion)):
        for name, sha256 in version.files.items():
            yield ToldFile(sha256, "model_version", str(version.id), name)


def _of_pictures(session: Session) -> Iterator[ToldFile]:
    for file in session.exec(select(BillFile)):
        for sha256 in file.pictures:
            yield ToldFile(sha256, "bill_file", str(file.id), file.name)


def _of_removed(session: Session) -> Iterator[ToldFile]:
    """Give the files of attachments that were taken off their record."""
    wanted = (
        select(Change.record_kind, Change.record_id, ChangeValue.before)
        .join(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(col(Change.record_kind).in_(ORIGINALS), Change.operation == "delete")
    )
    for table, record_id, before in session.exec(wanted):
        sha256 = (before or {}).get("sha256")
        if sha256:
            yield ToldFile(sha256, table, str(record_id), str((before or {}).get("name", "")), is_live=False)
