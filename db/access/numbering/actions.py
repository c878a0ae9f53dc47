"""Choose how documents are numbered; what is numbered already keeps its number."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from db.access.gate import gate
from db.access.numbering.queries import number_formats
from db.access.numbering.rules import KINDS, check_formats
from db.access.numbering.tables import NumberFormat
from db.access.rules import Actor
from db.kernel.errors import BadInput


@gate("access.manage_company")
def change_number_formats(session: Session, *, formats: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Change some of the formats.

    Raises:
        BadInput: a kind is unknown, a format is not well formed, or two kinds would share one.
    """
    if unknown := set(formats) - set(KINDS):
        raise BadInput("Le genre de pièce « {kind} » n’existe pas.", kind=min(unknown))
    checked = check_formats({**number_formats(session), **formats})
    rows = {row.kind: row for row in session.exec(select(NumberFormat).with_for_update())}
    for kind in formats:
        row = rows.get(kind)
        if row is None:
            session.add(NumberFormat(kind=kind, pattern=checked[kind]))
        elif row.pattern != checked[kind]:
            row.pattern = checked[kind]
