"""A whole scoring run as one Parquet file: exact, so that a rollback restores the same bits."""

import io
import json
from collections.abc import Sequence
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from db.insights.predictions.rules import Scored

COLUMNS = ("probability", "low", "high", "rung", "n_similar", "n_similar_won")


def as_parquet(rows: Sequence[Scored]) -> bytes:
    """Return the file of a run; the same rows in the same order give the same bytes."""
    columns = {name: [getattr(row, name) for row in rows] for name in COLUMNS}
    columns["subject_id"] = [str(row.subject_id) for row in rows]
    columns["reasons"] = [json.dumps(list(row.reasons), ensure_ascii=False) for row in rows]
    schema = pa.schema(
        [(name, pa.float64()) for name in COLUMNS[:3]]
        + [
            ("rung", pa.string()),
            ("n_similar", pa.int64()),
            ("n_similar_won", pa.int64()),
        ]
        + [("subject_id", pa.string()), ("reasons", pa.string())]
    )
    target = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), target, compression="zstd")
    return target.getvalue()


def from_parquet(content: bytes) -> list[Scored]:
    """Return the rows of a run file, in its order."""
    table = pq.read_table(io.BytesIO(content)).to_pydict()
    reasons = [json.loads(text) for text in table.pop("reasons")]
    ids = [UUID(text) for text in table.pop("subject_id")]
    numbers = [
        dict(zip(COLUMNS, values, strict=True)) for values in zip(*(table[name] for name in COLUMNS), strict=True)
    ]
    rows = zip(ids, numbers, reasons, strict=True)
    return [Scored(subject_id=subject, reasons=why, **values) for subject, values, why in rows]
