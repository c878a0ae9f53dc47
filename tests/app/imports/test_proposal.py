"""Which column is proposed for which field, and what a person may decide instead."""

import json

import pytest

from app.gateways.table_files import RawRow
from app.imports.columns import Column, profile
from app.imports.leads import LEADS
from app.imports.mapping import (
    Plan,
    WrongMapping,
    as_json,
    check_plan,
    fingerprint,
    given_plan,
    plan_from,
)
from app.imports.proposal import propose
from db.records.custom_fields.rules import key_of

SWISS = {
    "Société": ["Boulangerie Rochat", "Menuiserie Favre", "Garage du Lac"],
    "Prénom": ["Anne", "Luc", "Ida"],
    "Nom": ["Rochat", "Favre", "Moret"],
    "E-Mail": ["anne@ex.ch", "luc@ex.ch", "ida@ex.ch"],
    "Natel": ["079 123 45 67", "0791234568", "+41 79 123 45 69"],
    "NPA": ["1003", "1201", "1950"],
    "Localité": ["Lausanne", "Genève", "Sion"],
    "Canton": ["VD", "Genève", "vs"],
    "Budget prévu": ["1'200.00", "3'400.50", "900.00"],
    "Montant": ["1'000.00", "2'000.00", "3'000.00"],
    "Date": ["31.12.2025", "02.01.2026", "03.01.2026"],
    "Statut": ["Gagné", "Perdu", "En cours"],
    "Machines": ["3", "4", "12"],
    "Contrat d'entretien": ["oui", "non", "oui"],
}


def columns(table: dict[str, list[str]]) -> list[Column]:
    rows = [RawRow(line, list(cells)) for line, cells in enumerate(zip(*table.values(), strict=True), start=2)]
    return profile(list(table), rows)


def proposed(table: dict[str, list[str]], **known: str) -> Plan:
    return propose(columns(table), kind=LEADS, known_fields=known)


def targets(plan: Plan) -> dict[str, str]:
    return {column.column: column.target for column in plan.columns}


class TestPropose:
    def test_knows_the_usual_columns_of_a_swiss_file(self) -> None:
        assert targets(proposed(SWISS)) == {
            "Société": "company_name",
            "Prénom": "first_name",
            "Nom": "name",
            "E-Mail": "email",
            "Natel": "phone",
            "NPA": "postal_code",
            "Localité": "city",
            "Canton": "canton",
            "Budget prévu": "custom",
            "Montant": "expected_amount",
            "Date": "received_at",
            "Statut": "outcome",
            "Machines": "custom",
            "Contrat d'entretien": "custom",
        }

    def test_types_what_becomes_a_custom_field(self) -> None:
        plan = proposed(SWISS)

        assert (plan.plan_of("Budget prévu").key, plan.plan_of("Budget prévu").type) == ("budget_prevu", "number")
        assert plan.plan_of("Contrat d'entretien").type == "yes_no"

    def test_knows_german_and_english_names(self) -> None:
        plan = proposed(
            {
                "Firma": ["A AG", "B AG"],
                "Ort": ["Bern", "Thun"],
                "PLZ": ["3000", "3600"],
                "Created at": ["2026-01-02", "2026-02-03"],
                "Umsatz": ["10", "20"],
            }
        )

        assert list(targets(plan).values()) == ["company_name", "city", "postal_code", "received_at", "expected_amount"]

    def test_never_goes_against_the_values(self) -> None:
        plan = proposed({"E-mail": ["oui", "non", "oui"], "Téléphone": ["cellular", "telephone", "cellular"]})

        assert set(targets(plan).values()) == {"custom"}

    def test_takes_a_result_and_says_what_each_word_means(self) -> None:
        for name, words in {"y": ["yes", "no"], "Converted": ["1", "0"], "Gagné": ["oui", "non"]}.items():
            plan = proposed({name: [words[0], words[1], words[0]]}).plan_of(name)

            assert plan.target == "outcome"
            assert plan.values == {words[0]: "converted", words[1]: "lost"}

    def test_finds_the_column_that_tells_rows_apart(self) -> None:
        assert proposed({"Lead Number": ["12", "11", "9"], "Ville": ["A", "B", "A"]}).key == "Lead Number"
        assert proposed({"Ville": ["A", "B", "A"]}).key == ""

    def test_orders_rows_by_a_number_that_falls_through_the_file_when_there_is_no_date(self) -> None:
        assert proposed({"Lead Number": ["12", "11", "9"]}).order == "Lead Number"
        assert proposed({"Lead Number": ["12", "11", "9"], "Date": ["1.1.2026", "2.1.2026", "3.1.2026"]}).order == ""

    def test_guesses_which_custom_fields_describe_a_person(self) -> None:
        plan = proposed(
            {"Date de naissance": ["1.1.1980", "2.2.1990"], "Machines": ["1", "2"], "Do Not Email": ["yes", "no"]}
        )

        assert [column.personal for column in plan.columns] == [True, False, False]

    def test_keeps_the_type_of_a_field_that_exists(self) -> None:
        assert proposed({"Machines": ["1", "2"]}, machines="text").plan_of("Machines").type == "text"

    def test_leaves_a_word_among_figures_as_text_and_a_slip_as_a_figure(self) -> None:
        words = columns({"n": ["1", "2", "3"] * 30 + ["inconnu"] * 5})
        slips = columns({"n": ["1", "2", "3"] * 30 + ["4o", "x5", "?6"]})

        assert (words[0].type, slips[0].type) == ("text", "number")

    def test_gives_columns_of_one_name_different_keys(self) -> None:
        plan = proposed({"Note A": ["x", "y"], "note a": ["x", "y"]})

        assert [column.key for column in plan.columns] == ["note_a", "note_a_2"]

    def test_makes_no_more_than_a_hundred_and_twenty_new_fields(self) -> None:
        plan = proposed({f"Mesure {i}": ["1", "2"] for i in range(300)})

        assert sum(column.target == "custom" for column in plan.columns) == 120
        assert sum(column.target == "ignore" for column in plan.columns) == 180


class TestGivenPlan:
    def test_changes_only_what_is_said(self) -> None:
        plan = given_plan(
            proposed(SWISS),
            {"columns": {"Machines": "ignore", "Montant": {"target": "custom", "type": "number"}}},
            kind=LEADS,
        )

        assert plan.plan_of("Machines").target == "ignore"
        assert (plan.plan_of("Montant").target, plan.plan_of("Montant").key) == ("custom", "montant")
        assert plan.plan_of("Localité").target == "city"

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"columns": {"Rien": "city"}}, "pas de colonne « Rien »"),
            ({"columns": {"Machines": "nulle part"}}, "n’est pas un champ"),
            ({"columns": {"Machines": "city"}}, "vont au même champ"),
            ({"columns": {"Machines": {"target": "custom", "type": "couleur"}}}, "n’est pas un type"),
            ({"columns": {"Machines": {"target": "custom", "permission": "x.y"}}}, "n’est pas un droit"),
            ({"columns": {"Machines": {"couleur": 1}}}, "n’est pas prévu pour une colonne"),
            ({"key": "Localité"}, "ne peut pas être la clé"),
            ({"order": "Rien"}, "pas de colonne"),
            ({"colonnes": {}}, "n’est pas prévu dans une correspondance"),
        ],
    )
    def test_refuses_what_cannot_be(self, given: dict[str, object], words: str) -> None:
        with pytest.raises(WrongMapping, match=words):
            given_plan(proposed(SWISS), given, kind=LEADS)


class TestAsJson:
    def test_comes_back_the_same(self) -> None:
        plan = proposed(SWISS)

        assert plan_from(json.loads(json.dumps(as_json(plan)))) == plan
        check_plan(plan, kind=LEADS)


class TestFingerprint:
    def test_is_the_same_for_the_same_headers_in_any_order_and_case(self) -> None:
        assert fingerprint(["Nom", "E-Mail"]) == fingerprint(["e mail", "NOM"])
        assert fingerprint(["Nom"]) != fingerprint(["Prénom"])


class TestFieldKey:
    def test_makes_a_key_of_any_header(self) -> None:
        assert [key_of(text) for text in ("Budget prévu (CHF)", "2e contact", "???")] == [
            "budget_prevu_chf",
            "champ_2e_contact",
            "champ",
        ]
