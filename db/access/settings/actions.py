"""Set the firm's numbers."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from db.access.gate import gate
from db.access.rules import Actor
from db.access.settings.rules import check_setting
from db.access.settings.tables import SettingValue


@gate("access.manage_company")
def change_settings(session: Session, *, values: Mapping[str, int], by: Actor, at: datetime) -> None:
    """Set some of the numbers.

    Raises:
        BadInput: one is out of its bounds; nothing is changed then.
    """
    for key, number in values.items():
        check_setting(key, number)
    for key, number in values.items():
        found = session.exec(select(SettingValue).where(SettingValue.key == key).with_for_update()).first()
        if found is None:
            session.add(SettingValue(key=key, number=number))
        elif found.number != number:
            found.number = number
