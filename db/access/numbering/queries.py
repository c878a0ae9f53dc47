"""How documents are numbered."""

from sqlmodel import Session, select

from db.access.gate import readable
from db.access.numbering.rules import KINDS
from db.access.numbering.tables import NumberFormat


@readable("access.use_own_account")
def number_formats(session: Session) -> dict[str, str]:
    """Return the format of each kind of document: the firm's own, else the default."""
    chosen = dict(session.exec(select(NumberFormat.kind, NumberFormat.pattern)).all())
    return {kind: chosen.get(kind, default) for kind, (_, default) in KINDS.items()}
