"""What of an answer is new, as mail programs in the languages of our customers write it."""

import pytest

from app.gateways.quoting import split_reply

CITED = "> Mardi à 10 heures ?\n> Paul"
INTRODUCED = [
    "Le 3 mars 2026 à 10:02, Paul Favre <paul@favre.example> a écrit :",
    "Le mar. 3 mars 2026 à 10:02, Paul Favre <paul@favre.example> a\nécrit :",
    "Am 03.03.2026 um 10:02 schrieb Paul Favre <paul@favre.example>:",
    "On Tue, Mar 3, 2026 at 10:02 AM Paul Favre\n<paul@favre.example> wrote:",
    "Il giorno mar 3 mar 2026 alle ore 10:02 Paul Favre <paul@favre.example> ha scritto:",
    "03.03.2026 10:02, Paul Favre <paul@favre.example> :",
    "-----Message d'origine-----\nDe : Paul Favre",
    "________________________________\nDe : Paul Favre <paul@favre.example>\nEnvoyé : mardi 3 mars 2026\nÀ : Nadia",
    "De : Paul Favre\nEnvoyé : mardi 3 mars 2026 10:02\nÀ : Nadia Rey\nObjet : Devis",
    "Von: Paul Favre\nGesendet: Dienstag, 3. März 2026\nAn: Nadia Rey\nBetreff: Offerte",
]


class TestSplitReply:
    @pytest.mark.parametrize("introduced", INTRODUCED)
    def test_cuts_where_a_program_cites(self, introduced: str) -> None:
        new, quoted = split_reply(f"D’accord pour mardi.\n\nNadia\n\n{introduced}\n{CITED}")

        assert new == "D’accord pour mardi.\n\nNadia"
        assert quoted.endswith("> Paul")

    def test_finds_the_answer_below_what_it_cites(self) -> None:
        assert split_reply(f"{INTRODUCED[0]}\n{CITED}\n\nD’accord.")[0] == "D’accord."

    def test_keeps_answers_between_cited_lines(self) -> None:
        text = "> Mardi ?\nOui.\n> À 10 heures ?\nPlutôt 11."

        assert split_reply(text) == (text, "")

    @pytest.mark.parametrize(
        "text",
        [
            "Paul a écrit une longue lettre.\nMerci de la lire.",
            "On a reçu les tables : elles sont belles.",
            "De : la Suisse\nvers la France.",
            "Prix > 1000, délai < 3 semaines.",
            "",
        ],
    )
    def test_leaves_what_only_looks_like_it(self, text: str) -> None:
        assert split_reply(text) == (text, "")

    def test_reads_a_forwarded_message_whole(self) -> None:
        text = f"{INTRODUCED[8]}\n\nBonjour, voici."

        assert "Bonjour, voici." in split_reply(text)[0]
