"""What the firm has set."""

from sqlmodel import Session, select

from db.access.gate import readable
from db.access.settings.rules import SETTINGS
from db.access.settings.tables import SettingValue


@readable("access.use_own_account")
def settings(session: Session) -> dict[str, int]:
    """Return every number: the firm's own, else the default."""
    chosen = dict(session.exec(select(SettingValue.key, SettingValue.number)).all())
    return {key: chosen.get(key, known.default) for key, known in SETTINGS.items()}
