"""Reasons as a salesperson reads them."""

from workspace.models.lead_score.reasons import Reason
from workspace.wording import GROUPS, _said, swiss


class TestSwiss:
    def test_writes_figures_as_the_swiss_do(self) -> None:
        assert swiss("41 % ont signé (+6,0 points)") == "41\u00a0% ont signé (+6.0 points)"


class TestSaid:
    def test_groups_the_digits_of_an_amount_and_of_nothing_else(self) -> None:
        amount = Reason("expected_amount", "40380", 0.06, 0.41, 212, 0.28)
        town = Reason("postal_code", "1110", 0.06, 0.41, 212, 0.28)

        assert _said(amount, {"expected_amount": "Montant attendu"})["text"].startswith("Montant attendu : 40'380 – ")
        assert _said(town, {"postal_code": "NPA"})["text"].startswith("NPA : 1110 – ")
        assert GROUPS.sub("'", "380") == "380"
