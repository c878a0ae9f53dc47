"""What the page of an import shows, from how the import stands: words and figures as text."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.imports.columns import Column
from app.imports.kinds import Kind
from app.imports.mapping import CUSTOM, IGNORE, ColumnPlan, Plan
from app.text import SWITZERLAND, instant, quantity, say
from db.documents.imports.queries import ImportStatus
from db.documents.imports.rules import FoundProblem, ImportState
from db.records.intake.rules import Left

SHOWN_COLUMNS = 100
MOST_LEFT = 200  # shown of what an undoing left; all of it can be downloaded
SURE = 0.9
USUAL_READER = "crm.read_leads"  # of leads; plans that were remembered name it
ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows", "mac_roman": "Macintosh", "latin-1": "Latin-1"}
DELIMITERS = {"\t": "tabulation"}


def figure(number: int) -> str:
    """Return a count as people read it: 24'689."""
    return quantity(Decimal(number))


def step_of(status: ImportStatus) -> str:
    """Return which of the four steps an import is at."""
    if status.state in (ImportState.UPLOADED, ImportState.FAILED):
        return "1"
    if status.state is ImportState.MAPPED:
        return "2" if status.checked is None else "3"
    return "4"


def step_of_job(kind: str) -> str:
    """Return which step a job belongs to."""
    return {"documents.inspect_import": "1", "documents.check_import": "3"}.get(kind, "4")


def file_view(status: ImportStatus) -> dict[str, str]:
    """Return the facts of the file; only its name before it was looked at."""
    summary = status.summary
    if not summary:
        return {"name": status.file_name, "rows": "", "columns": "", "blank": "", "format": "", "remarks": ""}
    delimiter = str(summary["delimiter"])
    return {
        "name": status.file_name,
        "rows": figure(status.rows_in),
        "columns": figure(len(summary["columns"])),
        "blank": figure(summary["blank_lines"]) if summary["blank_lines"] else "",
        "format": summary["format"],
        "sheet": str(summary["sheet"]),
        "encoding": ENCODINGS.get(summary["encoding"], str(summary["encoding"]).upper()),
        "delimiter": DELIMITERS.get(delimiter, delimiter),
        "remarks": " ".join(summary["remarks"]),
    }


def column_rows(plan: Plan, columns: Sequence[Column]) -> list[dict[str, str]]:
    """Return the rows of the table of columns."""
    found = {column.name: column for column in columns}
    return [_column_row(made, found[made.column]) for made in plan.columns[:SHOWN_COLUMNS]]


def _column_row(plan: ColumnPlan, column: Column) -> dict[str, str]:
    return {
        "column": plan.column,
        "samples": " · ".join(column.samples) or "—",
        "filled": figure(column.filled),
        "target": plan.target,
        "type": plan.type,
        "permission": "" if plan.permission == USUAL_READER else plan.permission,
        "personal": "yes" if plan.personal else "",
        "feature": "yes" if plan.feature else "",
        "is_custom": "yes" if plan.target == CUSTOM else "",
        "is_ignored": "yes" if plan.target == IGNORE else "",
        "certainty": _certainty(plan),
    }


def _certainty(plan: ColumnPlan) -> str:
    """Return how sure the place of a column is: chosen, sure, doubtful; "" where nothing was recognised."""
    if plan.target in (IGNORE, CUSTOM):
        return ""
    if plan.confidence == 1:
        return "chosen"
    return "sure" if plan.confidence >= SURE else "doubtful"


def tally(plan: Plan) -> dict[str, str]:
    """Return how many columns are known, added and ignored."""
    added = sum(made.target == CUSTOM for made in plan.columns)
    ignored = sum(made.target == IGNORE for made in plan.columns)
    return {"known": figure(len(plan.columns) - added - ignored), "added": figure(added), "ignored": figure(ignored)}


def word_rows(plan: Plan, columns: Sequence[Column]) -> list[dict[str, str]]:
    """Return what each word of the result's column means."""
    made = next((column for column in plan.columns if column.target == "outcome"), None)
    if made is None:
        return []
    found = next(column for column in columns if column.name == made.column)
    words = list(dict.fromkeys([*found.choices, *made.values])) or list(found.samples)
    return [{"column": made.column, "word": word, "state": made.values.get(word, "")} for word in words]


def kind_view(kind: Kind, language: str) -> dict[str, str]:
    """Return what the page says of a kind of record."""
    return {
        "name": kind.name,
        "label": say(language, kind.label),
        "purpose": say(language, kind.purpose),
        "recognised": say(language, kind.recognised),
        "is_recognised": "yes" if kind.identify is not None else "",
        "takes_custom": "yes" if kind.takes_custom else "",
        "has_order": "yes" if kind.name == "leads" else "",
        "page": f"{kind.page}?import=" if kind.name == "leads" else kind.page,
    }


def target_rows(kind: Kind, language: str) -> list[dict[str, str]]:
    """Return the fields that a column can fill."""
    return [{"key": target.key, "label": say(language, target.label)} for target in kind.targets]


def meaning_rows(kind: Kind, language: str) -> list[dict[str, str]]:
    """Return the states that a word of the file can mean."""
    return [{"key": state, "label": say(language, label)} for state, label in kind.state_labels.items()]


def remembered_view(status: ImportStatus) -> str:
    """Return when and by whom a file with the same headers was imported before; "" for the first one."""
    told = status.summary.get("remembered") or {}
    if not told:
        return ""
    when = datetime.fromisoformat(told["at"]).astimezone(SWITZERLAND)
    return f"{when:%d.%m.} ({told['by']})"


def key_choices(plan: Plan, columns: Sequence[Column], kind: Kind) -> list[str]:
    """Return the columns that may find known records: custom ones and key fields whose values hardly repeat."""
    few = {column.name for column in columns if column.filled and column.distinct * 2 < min(column.filled, 20_000)}
    return [made.column for made in plan.columns if made.target in kind.keys and made.column not in few][:SHOWN_COLUMNS]


def order_choices(columns: Sequence[Column]) -> list[str]:
    """Return the columns that may say which row came first."""
    return [column.name for column in columns if column.type in ("number", "date") and column.distinct > 2][
        :SHOWN_COLUMNS
    ]


def checked_view(status: ImportStatus) -> dict[str, str]:
    """Return what the dry run found; empty before it."""
    if status.checked is None:
        return {}
    counts = status.checked
    writable = counts["created"] + counts["updated"]
    return {name: figure(counts[name]) for name in ("created", "updated", "refused")} | {
        "writable": figure(writable),
        "is_writable": "yes" if writable else "",
        "has_refused": "yes" if counts["refused"] else "",
    }


def result_view(status: ImportStatus) -> dict[str, str]:
    """Return what the import did."""
    undone = status.undo_result or {}
    left = undone.get("left", len(undone.get("refused", [])))
    return {
        "rows_in": figure(status.rows_in),
        "created": figure(status.created),
        "updated": figure(status.updated),
        "unchanged": figure(status.unchanged) if status.unchanged else "",
        "refused": figure(status.refused),
        "has_refused": "yes" if status.refused else "",
        "left": figure(status.rows_in - status.cursor) if status.rows_in > status.cursor else "",
        "ended": instant(status.ended_at) if status.ended_at else "",
        "seconds": _seconds(status),
        "undone": instant(status.undone_at) if status.undone_at else "",
        "removed": figure(undone.get("removed", 0)),
        "restored": figure(undone.get("restored", 0)),
        "kept": figure(left),
        "has_kept": "yes" if left else "",
        "more_kept": figure(left - MOST_LEFT) if left > MOST_LEFT else "",
        "waiting": figure(undone.get("waiting", 0)),
        "is_partly_undone": "yes" if undone and status.undone_at is None else "",
    }


def _seconds(status: ImportStatus) -> str:
    if not status.began_at or not status.ended_at:
        return ""
    return f"{(status.ended_at - status.began_at).total_seconds():.0f} s"


def earlier_left(status: ImportStatus) -> list[Left]:
    """Return what the undoing of an import left that an earlier version undid: it kept names and reasons only."""
    refused = (status.undo_result or {}).get("refused", [])
    return [Left(UUID(row.get("lead_id") or row["record_id"]), row["name"], row["reason"]) for row in refused]


def problem_rows(problems: Sequence[FoundProblem], language: str) -> list[dict[str, str]]:
    """Return refused cells as rows, in a person's language."""
    return [
        {
            "line": figure(problem.line),
            "column": problem.column or "—",
            "value": problem.value[:80],
            "reason": say(language, problem.reason),
        }
        for problem in problems
    ]


def recent_rows(imports: Sequence[ImportStatus]) -> list[dict[str, str]]:
    """Return the person's newest imports."""
    return [
        {
            "id": str(status.import_id),
            "name": status.file_name,
            "rows": figure(status.rows_in) if status.rows_in else "",
            "created": figure(status.created),
            "updated": figure(status.updated),
            "refused": figure(status.refused),
            "state": status.state.value,
            "at": instant(status.began_at) if status.began_at else "",
        }
        for status in imports
    ]
