"""SPF, DKIM and DMARC as the receiving server found them, in a sentence."""

import pytest

from app.mail.authentication import explained, results_of


class TestExplained:
    @pytest.mark.parametrize(
        ("header", "words", "tone"),
        [
            ("mx.ch; spf=pass smtp.mailfrom=a.ch; dkim=pass header.d=a.ch; dmarc=pass", "Expéditeur vérifié", "grn"),
            ("mx.ch; spf=fail; dkim=none; dmarc=fail (p=reject)", "Méfiance", "red"),
            ("mx.ch; spf=fail smtp.mailfrom=a.ch", "Méfiance", "red"),
            ("mx.ch; dkim=pass header.d=a.ch", "sans règle DMARC", ""),
            ("mx.ch; spf=neutral", "non vérifié", ""),
            ("", "n’a pas vérifié", ""),
        ],
    )
    def test_says_what_to_think_of_the_sender(self, header: str, words: str, tone: str) -> None:
        said, found = explained(header, "paul@a.ch", "fr")

        assert words in said
        assert found == tone


class TestResultsOf:
    def test_takes_the_best_of_several_signatures_and_no_comment(self) -> None:
        header = "mx.ch; dkim=fail (dmarc=pass) header.d=b.ch; dkim=pass header.d=a.ch"

        assert results_of(header) == {"dkim": "pass"}
