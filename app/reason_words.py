"""The reasons beside a probability, in the words of whoever reads them."""

import re
from collections.abc import Mapping
from typing import Any

from app.text import percent, say, typeset

_POINTS = re.compile(r"\s*\([+−-]?[\d.,]+ points\)$")  # shown beside the sentence
_ANSWERS = {"True": "oui", "False": "non", "oui": "oui", "non": "non"}


def reason_text(reason: Mapping[str, Any] | None, language: str) -> str:
    """Return the words of a reason in a language; what was scored before reasons kept their figures stays French."""
    if not reason:
        return ""
    if "message_id" in reason:
        return say(language, reason["message_id"], **reason.get("params", {}))
    if "label" not in reason:
        return _POINTS.sub("", str(reason.get("text", "")))
    said = say(language, "{field} : {value} – {compared}", **_parts(reason, language))
    return typeset(said) if language == "fr" else said


def _parts(reason: Mapping[str, Any], language: str) -> dict[str, str]:
    value = reason["value"]
    if value is None:
        answer = say(language, "sans réponse")
    else:
        answer = say(language, _ANSWERS[value]) if value in _ANSWERS else str(value)
    return {"field": say(language, reason["label"]), "value": answer, "compared": _compared(reason, language)}


def _compared(reason: Mapping[str, Any], language: str) -> str:
    if reason["cases"] is None:
        return say(language, "à autres réponses égales")
    figures = {"rate": percent(reason["rate"]), "average": percent(reason["average"])}
    sentence = "{rate} ont signé contre {average} en moyenne, {cases} cas"
    return say(language, sentence, cases=f"{reason['cases']:,}".replace(",", "'"), **figures)
