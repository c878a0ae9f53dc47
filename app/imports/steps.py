"""The steps of an import, as the worker and the command line take them: look, check, write, undo."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from app.doors import ask, do, now
from app.gateways.table_files import RawRow, TableSummary, UnreadableFile, read_in_child, rows_of
from app.imports.columns import Column, profile
from app.imports.kinds import Kind, kind_named
from app.imports.mapping import CUSTOM, Plan, WrongMapping, as_json, check_plan, fingerprint, plan_from
from app.imports.proposal import propose
from app.imports.rows import CheckedRow, Reading, places_in_time
from app.imports.values import Style
from db.access.rules import Actor, check_may
from db.crm.imports.rules import NewField
from db.documents import store
from db.documents.imports import actions, queries
from db.documents.imports.queries import ImportStatus
from db.documents.imports.rules import Counts, FoundProblem, UndoStand
from db.documents.received.actions import receive_file
from db.jobs.rules import JobCancelled
from db.kernel.errors import BusinessError, NotFound
from db.records.custom_fields.queries import custom_fields_for
from db.records.custom_fields.rules import key_of
from db.session import data_folder

PORTION = 500  # rows in one transaction


class Watch(Protocol):
    """Somebody who follows the work and may stop it (`JobRun` of the worker, or the command line)."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the work is; may raise `JobCancelled`."""


@dataclass
class Unwatched:
    """Nobody follows."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Do nothing."""


def take_in(content: bytes, name: str, *, kind: str, options: dict[str, Any], with_job: bool, by: Actor) -> UUID:
    """Keep a file and open an import of it; return the import's id.

    Raises:
        NotAllowed: the person may not import this kind.
        UnreadableFile: the file is empty.
    """
    check_may(by, kind_named(kind).permission)
    if not content:
        raise UnreadableFile("Le fichier « {name} » est vide.", name=name)
    sha256 = store.put(content)
    file_id = do(by, receive_file, name=name, sha256=sha256, size_bytes=len(content))
    undoing = kind_named(kind).undo_permission
    return do(
        by,
        actions.open_import,
        kind=kind,
        undo_permission=undoing,
        file_id=file_id,
        options=options,
        with_job=with_job,
    )


def take_in_again(status: ImportStatus, *, options: dict[str, Any], by: Actor) -> UUID:
    """Open another import of the same file, read otherwise (another sheet); the earlier one is left."""
    file_id = do(
        by, receive_file, name=status.file_name, sha256=status.sha256, size_bytes=len(store.get(status.sha256))
    )
    leave(status.import_id, by=by)
    undoing = kind_named(status.kind).undo_permission
    return do(
        by,
        actions.open_import,
        kind=status.kind,
        undo_permission=undoing,
        file_id=file_id,
        options=options,
        with_job=True,
    )


def look(import_id: UUID, *, by: Actor) -> None:
    """Read the file, say what its columns hold and propose where they go; a file that cannot be read fails the import.

    Raises:
        BadInput: the file cannot be read.
    """
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    kind = kind_named(status.kind)
    try:
        path, summary = _read_again(status)
    except BusinessError as refusal:
        do(by, actions.fail_import, import_id=import_id, problem=refusal.sentence)
        raise
    columns = profile(summary.columns, rows_of(path))
    own = ask(by, custom_fields_for, kind=kind.record_kind, group=kind.group, by=by)
    earlier = ask(by, queries.remembered_plan, kind=kind.name, fingerprint=fingerprint(columns))
    plan = None if earlier is None else remembered(columns, earlier.plan)
    told = {} if plan is None or earlier is None else {"at": earlier.used_at.isoformat(), "by": earlier.used_by}
    plan = plan or propose(
        columns,
        kind=kind,
        known_fields={field.key: field.type.value for field in own},
        called={key_of(name): one.key for one in own for name in (one.label, one.label_de, one.label_en) if name},
    )
    do(
        by,
        actions.describe_import,
        import_id=import_id,
        summary={**asdict(summary), "remembered": told},
        columns=[asdict(column) for column in columns],
        fingerprint=fingerprint(columns),
        plan=as_json(plan),
    )


def remembered(columns: Sequence[Column], data: dict[str, Any]) -> Plan | None:
    """Return the plan of an import with the same headers, with this file's way of writing; None if it does not fit."""
    styles = {column.name: column.style for column in columns}
    earlier = plan_from(data)
    if {plan.column for plan in earlier.columns} != set(styles):
        return None
    by_name = {plan.column: replace(plan, style=styles[plan.column]) for plan in earlier.columns}
    return replace(earlier, columns=tuple(by_name[column.name] for column in columns))


def choose(import_id: UUID, plan: Plan, *, by: Actor) -> None:
    """Write a person's plan. Raises: WrongMapping."""
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    check_plan(plan, kind=kind_named(status.kind))
    do(by, actions.choose_plan, import_id=import_id, plan=as_json(plan))


def forget(import_id: UUID, *, by: Actor) -> None:
    """Forget the mapping that was remembered for such files, and propose one anew for this one."""
    do(by, actions.forget_plan, import_id=import_id)
    look(import_id, by=by)


def leave(import_id: UUID, *, by: Actor) -> None:
    """Give an import up of which nothing is written."""
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    do(by, actions.stop_import, import_id=import_id)
    rows_path(status).unlink(missing_ok=True)


def check(import_id: UUID, *, by: Actor, watch: Watch | None = None) -> Counts:
    """Read every row and write nothing but what is wrong with them; return what would happen."""
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    kind = kind_named(status.kind)
    reading = _reading(status, kind, began_at=now(), by=by)
    _check_fields(reading.plan, kind, by)

    created = updated = refused = 0
    problems: list[FoundProblem] = []
    for portion in _portions(reading.checked(_rows(status)), kind):
        known = _known(portion, reading.plan, kind, by)
        updated += known
        created += sum(1 for row in portion if not row.findings) - known
        refused += sum(1 for row in portion if row.findings)
        problems += [problem for row in portion for problem in row.findings]
        (watch or Unwatched()).progress(created + updated + refused, status.rows_in, "Vérification des lignes")
    counts = Counts(created, updated, 0, refused)
    do(by, actions.note_check, import_id=import_id, counts=counts, problems=problems)
    return counts


def begin(import_id: UUID, *, with_job: bool, by: Actor) -> UUID | None:
    """Begin (or go on with) the import; return its job when the worker is to do it."""
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    kind = kind_named(status.kind)
    plan = plan_from(status.plan)
    check_plan(plan, kind=kind)
    job_id: UUID | None = do(
        by, kind.deeds.begin, import_id=import_id, fields=_new_fields(plan, status), with_job=with_job
    )
    return job_id


def write(import_id: UUID, *, by: Actor, watch: Watch | None = None) -> ImportStatus:
    """Write the rows that are not written yet, portion by portion; return how the import stands at the end.

    A portion and the place in the file are one transaction: after an interruption the next run goes on exactly there.

    Raises:
        JobCancelled: somebody asked to stop; what is written stays and can be undone.
    """
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    kind = kind_named(status.kind)
    assert status.began_at is not None
    reading = _reading(status, kind, began_at=status.began_at, by=by)
    rows = reading.checked(_rows(status))
    for _ in islice(rows, status.cursor):
        pass  # read again, so that keys seen in earlier portions are known
    cursor = status.cursor
    watch = watch or Unwatched()
    try:
        watch.progress(cursor, status.rows_in, "Import des lignes")
        for portion in _portions(rows, kind):
            _write_portion(import_id, portion, cursor, reading, kind, by)
            cursor += len(portion)
            watch.progress(cursor, status.rows_in, "Import des lignes")
    except JobCancelled:
        do(by, actions.stop_import, import_id=import_id)
        raise
    do(by, actions.finish_import, import_id=import_id)
    rows_path(status).unlink(missing_ok=True)
    return ask(by, queries.import_status, import_id=import_id, by=by)


def undo(import_id: UUID, *, by: Actor, watch: Watch | None = None) -> dict[str, Any]:
    """Undo an import whole, part by part; return how many records were removed, restored and left.

    A part and the place in the import are one transaction: after an interruption the next run goes on exactly there.

    Raises:
        JobCancelled: somebody asked to stop; what came back stays back, and the undoing can go on.
    """
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    kind, watch = kind_named(status.kind), watch or Unwatched()
    earlier = status.undo_result or {}
    done, is_over = earlier.get("dealt", 0), False
    watch.progress(done, done + earlier.get("waiting", 1), "Annulation de l’import")
    while not is_over:
        stand: UndoStand = do(by, kind.deeds.undo, import_id=import_id)
        is_over = stand.is_over
        watch.progress(
            stand.done, stand.total if is_over else max(stand.total, stand.done + 1), "Annulation de l’import"
        )
    rows_path(status).unlink(missing_ok=True)
    return dict(ask(by, queries.import_status, import_id=import_id, by=by).undo_result or {})


def rows_path(status: ImportStatus) -> Path:
    """Return where the rows of an import lie while it is being worked on."""
    folder = data_folder() / "import_rows"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / f"{status.import_id}.jsonl"


def _read_again(status: ImportStatus) -> tuple[Path, TableSummary]:
    store.get(status.sha256)  # refuses a file that was altered
    path = rows_path(status)
    unfinished = path.with_suffix(".new")
    summary = read_in_child(
        store.path_of(status.sha256),
        status.file_name,
        unfinished,
        sheet=status.options.get("sheet") or "",
        header_line=status.options.get("header_line"),
    )
    unfinished.replace(path)
    return path, summary


def _rows(status: ImportStatus) -> Iterator[RawRow]:
    path = rows_path(status)
    return rows_of(path if path.exists() else _read_again(status)[0])


def _reading(status: ImportStatus, kind: Kind, *, began_at: datetime, by: Actor) -> Reading:
    plan = plan_from(status.plan)
    names = list(status.summary["columns"])
    places = places_in_time(_rows(status), plan, names)
    choices = {
        field.key: field.choices for field in ask(by, custom_fields_for, kind=kind.record_kind, group=kind.group, by=by)
    }
    return Reading(plan, kind, names, places, began_at, status.file_name, choices)


def _portions(rows: Iterator[CheckedRow], kind: Kind) -> Iterator[list[CheckedRow]]:
    while portion := list(islice(rows, min(PORTION, kind.portion))):
        yield portion


def key_field(plan: Plan) -> str:
    """Return the field by which records are found, "" when every row is a new one."""
    if not plan.key:
        return ""
    column = plan.plan_of(plan.key)
    return column.key if column.target == CUSTOM else column.target


def _known(portion: Sequence[CheckedRow], plan: Plan, kind: Kind, by: Actor) -> int:
    if kind.find is not None:
        return _find(portion, kind, by)
    field = key_field(plan)
    assert kind.known_keys is not None
    keys = [row.key for row in portion if not row.findings]
    if not field or not keys:
        return 0
    try:
        return len(ask(by, kind.known_keys, field=field, values=keys, by=by))
    except NotFound:
        return 0  # the import itself will add that field


def _find(portion: Sequence[CheckedRow], kind: Kind, by: Actor) -> int:
    """Return how many rows mean a known record; a row that means several gets a finding."""
    good = [row for row in portion if not row.findings]
    rows = [kind.row(row.line, row.draft, row.given, row.key) for row in good]
    assert kind.find is not None
    found = ask(by, kind.find, rows=rows, by=by)
    for row in good:
        if row.line in found and found[row.line].problem:
            row.findings.append(FoundProblem(row.line, "", "", found[row.line].problem))
    return sum(1 for row in good if not row.findings and row.line in found)


def _write_portion(
    import_id: UUID, portion: Sequence[CheckedRow], cursor: int, reading: Reading, kind: Kind, by: Actor
) -> None:
    """Write a portion; when a record is refused, write halves, until the row itself is found and refused.

    Raises:
        BusinessError: writing itself is refused, not a row.
    """
    good = [row for row in portion if not row.findings]
    problems = [problem for row in portion for problem in row.findings]
    try:
        do(
            by,
            kind.deeds.write,
            import_id=import_id,
            cursor=cursor,
            key_field=key_field(reading.plan),
            problems=problems,
            rows=[kind.row(row.line, row.draft, row.given, row.key) for row in good],
            refused=len(portion) - len(good),
        )
    except BusinessError as refusal:
        if not good:
            raise
        if len(portion) == 1:
            portion[0].findings.append(FoundProblem(portion[0].line, "", "", refusal.sentence))
            _write_portion(import_id, portion, cursor, reading, kind, by)
            return
        half = len(portion) // 2
        _write_portion(import_id, portion[:half], cursor, reading, kind, by)
        _write_portion(import_id, portion[half:], cursor + half, reading, kind, by)


def _check_fields(plan: Plan, kind: Kind, by: Actor) -> None:
    known = {field.key: field for field in ask(by, custom_fields_for, kind=kind.record_kind, group=kind.group, by=by)}
    for column in plan.columns:
        field = known.get(column.key) if column.target == CUSTOM else None
        if field is not None and field.type.value != column.type:
            raise WrongMapping(
                "Le champ « {label} » existe déjà avec le type « {type} ».", label=field.label, type=field.type.value
            )


def _new_fields(plan: Plan, status: ImportStatus) -> list[NewField]:
    choices = {column["name"]: tuple(column["choices"]) for column in status.columns}
    return [
        NewField(
            column.key,
            column.label,
            column.type,
            column.personal,
            column.permission,
            column.feature,
            choices.get(column.column, ()) if column.type == "choice" else (),
        )
        for column in plan.columns
        if column.target == CUSTOM
    ]


def columns_of(status: ImportStatus) -> list[Column]:
    """Return what was found in the columns."""
    return [Column(**{**column, "style": Style(**column["style"])}) for column in status.columns]
