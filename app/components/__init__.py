"""The components of the design language, by name."""

from app.components.confirm import confirm
from app.components.fields import field
from app.components.labels import chip, facts, facts_row, section, tag
from app.components.marks import probability_mark, reason_line, stamp
from app.components.states import empty_state, error_state, job_view, progress_bar
from app.components.timeline import icon_named, timeline_entry

__all__ = (
    "chip", "confirm", "empty_state", "error_state", "facts", "facts_row", "field", "icon_named", "job_view",
    "probability_mark", "progress_bar", "reason_line", "section", "stamp", "tag", "timeline_entry",
)  # fmt: skip
