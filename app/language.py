"""Which language a browser shows: a cookie that the person chooses, followed by every text on screen at once."""

import reflex as rx

LANGUAGES = ("fr", "en", "de")
YEAR_IN_SECONDS = 365 * 24 * 3600


class Language(rx.State):
    """The language of this browser; harmless when forged, as it only picks words."""

    lang: str = rx.Cookie("fr", name="boussole_language", path="/", max_age=YEAR_IN_SECONDS, same_site="lax")
