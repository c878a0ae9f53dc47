"""The numbers that the firm has set otherwise than by default."""

from db.kernel.record import Record, plain


class SettingValue(Record, table=True):
    """One number that the firm chose."""

    __tablename__ = "setting_value"
    key: str = plain(nullable=False, unique=True)
    number: int = plain(nullable=False)
