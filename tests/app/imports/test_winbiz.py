"""Files with the column names of Winbiz are understood without anybody's help."""

import pytest

from app.imports import steps
from app.imports.mapping import plan_from
from db.access.rules import Actor, Role
from tests.app.imports.files import opened, status_of

# helpcenter.winbiz.ch/hc/de/articles/115002181953 and /hc/fr/articles/360009060193
CHART = "CLASSE;NUMERO;COMPTE\n1;1000;Caisse\n2;2000;Fournisseurs\n3;4200;Achats de marchandises\n4;3200;Ventes\n"
PRICES = (
    "Code de l'article;Prix d'achat brut;Code à barres\n"
    "20-6107;4.85;7612345678900\n20-6108;5.10;7612345678917\n20-6109;6.—;7612345678924\n"
)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("accounts", CHART, {"NUMERO": "number", "COMPTE": "name"}),
        (
            "items",
            PRICES,
            {"Code de l'article": "number", "Prix d'achat brut": "purchase_price", "Code à barres": "barcode"},
        ),
    ],
)
class TestColumnsOfWinbiz:
    def test_are_recognised(self, people: dict[Role, Actor], kind: str, content: str, expected: dict[str, str]) -> None:
        by = people[Role.MANAGER]
        import_id = opened(content, by, kind=kind)

        checked = steps.check(import_id, by=by)

        plan = plan_from(status_of(import_id, by).plan)
        assert {name: plan.plan_of(name).target for name in expected} == expected
        assert checked.refused == 0
