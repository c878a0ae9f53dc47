"""Reasons of a model in three languages."""

from app.reason_words import reason_text
from workspace.models.lead_score.reasons import Reason
from workspace.wording import LABELS, _said

QUOTED = _said(Reason("source", "Salon", 0.06, 0.41, 1212, 0.28), LABELS)
ALONE = _said(Reason("has_email", None, -0.02, 0.41, 212, 0.28), LABELS)


class TestReasonText:
    def test_says_it_in_the_language_of_the_reader(self) -> None:
        told = {language: reason_text(QUOTED, language) for language in ("fr", "en", "de")}

        assert told == {
            "fr": "Source\u00a0: Salon – 41\u00a0% ont signé contre 28\u00a0% en moyenne, 1'212 cas",
            "en": "Source: Salon – 41\u00a0% signed against 28\u00a0% on average, 1'212 cases",
            "de": "Quelle: Salon – 41\u00a0% haben unterschrieben gegen 28\u00a0% im Schnitt, 1'212 Fälle",
        }

    def test_quotes_no_rate_that_points_the_other_way(self) -> None:
        assert reason_text(ALONE, "fr") == "E-mail connu\u00a0: sans réponse – à autres réponses égales"
        assert reason_text(ALONE, "en") == "E-mail known: no answer – other answers being equal"

    def test_translates_yes_and_no(self) -> None:
        reason = _said(Reason("has_phone", "oui", -0.02, 0.41, 212, 0.28), LABELS)

        assert reason_text(reason, "de").startswith("Telefon bekannt: ja – ")

    def test_knows_reasons_of_before(self) -> None:
        old = {"text": "Source : Salon – 41\u00a0% ont signé (+6.0 points)", "points": 6.0, "column": "source"}

        assert reason_text(old, "en") == "Source : Salon – 41\u00a0% ont signé"
        assert reason_text(None, "en") == ""
