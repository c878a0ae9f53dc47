"""Companies, contacts, suppliers and opportunities out of files."""

from sqlmodel import col, select

from app.doors import ask, do
from app.imports import steps
from db.access.rules import Actor
from db.crm.opportunities.tables import Opportunity
from db.parties.actions import change_party
from db.parties.queries import companies_of
from db.records.search.queries import found_records
from db.session import reading
from tests.app.imports.files import counts, imported, left, opened, parties, reasons, status_of

COMPANIES = """Raison sociale;N° IDE;E-mail;Tél.;Rue;NPA;Localité;Pays;Client
Menuiserie Favre SA;CHE-109.322.551;info@favre.example;021 801 23 45;Rue du Lac 12;1110;Morges;Suisse;oui
Garage du Lac;;garage@lac.example;;;1180;Rolle;CH;non
Boulangerie Rochat;;;;;1000;Lausanne;;oui
"""


class TestCompanies:
    def test_come_in_with_their_address_and_are_found(self, sales: Actor) -> None:
        done = imported(COMPANIES, sales, kind="companies")

        assert counts(done) == (3, 0, 0, 0)
        favre = next(party for party in parties() if party.name.startswith("Menuiserie"))
        assert (favre.uid, favre.phone, favre.country, favre.is_customer) == (
            "CHE-109.322.551",
            "+41218012345",
            "CH",
            True,
        )
        assert [found.title for found in ask(sales, found_records, query="favre", by=sales)] == ["Menuiserie Favre SA"]

    def test_have_numbers_of_their_country_and_refuse_what_nobody_can_dial(self, sales: Actor) -> None:
        rows = "Société;Tél.;Pays\nDumas;04 50 12 34 56;France\nRey;021 555 01 42 int. 3;CH\nFaux;021 555;CH\n"
        rows += "".join(f"Firme {letter};021 801 23 45;CH\n" for letter in "ABCDEFGH")

        import_id = opened(rows, sales, kind="companies")
        done = imported(rows, sales, kind="companies")

        assert counts(done) == (10, 0, 0, 1)
        assert {one.phone for one in parties()} == {"+33450123456", "+41215550142;ext=3", "+41218012345"}
        steps.check(import_id, by=sales)
        [(line, column, reason)] = reasons(import_id, sales, is_dry=True)
        assert (line, column) == (4, "Tél.")
        assert "numéro de téléphone" in reason

    def test_of_the_same_file_again_change_nothing(self, sales: Actor) -> None:
        imported(COMPANIES, sales, kind="companies")

        again = imported(COMPANIES, sales, kind="companies")

        assert counts(again) == (0, 3, 3, 0)
        assert len(parties()) == 3

    def test_are_recognised_by_number_then_email_then_name_and_place(self, sales: Actor) -> None:
        imported(COMPANIES, sales, kind="companies")
        renamed = """Raison sociale;N° IDE;E-mail;NPA;Localité
Favre Menuiserie Sàrl;CHE109322551;;1110;Morges
Garage Lac et Fils;;GARAGE@lac.example;1180;Rolle
boulangerie rochat;;neu@rochat.example;1000;Lausanne
Boulangerie Rochat;;;1200;Genève
"""

        done = imported(renamed, sales, kind="companies")

        assert counts(done) == (1, 3, 0, 0)
        assert sorted(party.name for party in parties()) == [
            "Boulangerie Rochat",
            "Favre Menuiserie Sàrl",
            "Garage Lac et Fils",
            "boulangerie rochat",
        ]

    def test_twice_in_a_file_are_named(self, sales: Actor) -> None:
        double = COMPANIES + "Favre;CHE-109.322.551;;;;;;;\n"

        import_id = opened(double, sales, kind="companies")
        checked = steps.check(import_id, by=sales)

        assert (checked.created, checked.refused) == (3, 1)
        [(line, _, reason)] = reasons(import_id, sales, is_dry=True)
        assert (line, reason) == (5, "Même fiche qu’à la ligne 2 (même n° IDE) ; seule la première est importée.")

    def test_that_could_be_two_are_refused_alike_by_dry_run_and_import(self, sales: Actor) -> None:
        imported(COMPANIES, sales, kind="companies")
        unclear = (
            "Raison sociale;E-mail;NPA;Localité\nBoulangerie Rochat;garage@lac.example;1000;Lausanne\nNeuve;;1003;L\n"
        )

        import_id = opened(unclear, sales, kind="companies")
        checked = steps.check(import_id, by=sales)
        steps.begin(import_id, with_job=False, by=sales)
        done = steps.write(import_id, by=sales)

        assert (checked.created, checked.updated, checked.refused) == (1, 0, 1)
        assert counts(done) == (1, 0, 0, 1)
        assert reasons(import_id, sales, is_dry=True) == reasons(import_id, sales)
        assert "Correspond à plusieurs fiches" in reasons(import_id, sales)[0][2]

    def test_with_a_wrong_number_are_refused_in_words(self, sales: Actor) -> None:
        import_id = opened("Société;N° IDE\nFavre;CHE-109.322.552\n", sales, kind="companies")

        steps.check(import_id, by=sales)

        assert "n’est pas un numéro IDE" in reasons(import_id, sales, is_dry=True)[0][2]

    def test_of_winbiz_are_recognised_as_they_are(self, sales: Actor) -> None:
        winbiz = """ad_numero;ad_societe;ad_nom;ad_prenom;ad_rue_1;ad_npa;ad_ville;ad_code_pays;ad_tel1;ad_email
1;Garage du Lac;Blanc;Marc;Rue du Port 4;1180;Rolle;CH;021 825 11 22;marc@lac.example
2;;Rochat;Anne;Chemin Vert 1;1000;Lausanne;CH;;anne@rochat.example
"""

        done = imported(winbiz, sales, kind="companies")

        assert counts(done) == (2, 0, 0, 0)
        assert [(party.kind, party.name, party.street) for party in parties()] == [
            ("company", "Garage du Lac", "Rue du Port 4"),
            ("person", "Anne Rochat", "Chemin Vert 1"),
            ("person", "Marc Blanc", ""),
        ]

    def test_become_suppliers_too(self, sales: Actor) -> None:
        imported(COMPANIES, sales, kind="companies")

        done = imported("Fournisseur;N° IDE\nFavre SA;CHE-109.322.551\n", sales, kind="suppliers")

        assert counts(done) == (0, 1, 0, 0)
        favre = next(party for party in parties() if party.uid)
        assert favre.is_supplier
        assert favre.is_customer


class TestUndoingCompanies:
    def test_removes_what_was_made_and_gives_back_what_was_changed(self, sales: Actor) -> None:
        imported(COMPANIES, sales, kind="companies")
        before = [party.model_dump(exclude={"row_version", "updated_at"}) for party in parties()]
        done = imported(
            "Société;E-mail;NPA\nLac SA;garage@lac.example;1181\nNeuve;n@n.example;1000\n", sales, kind="companies"
        )

        result = steps.undo(done.import_id, by=sales)

        assert (result["removed"], result["restored"], result["left"]) == (1, 1, 0)
        assert [party.model_dump(exclude={"row_version", "updated_at"}) for party in parties()] == before
        assert status_of(done.import_id, sales).state == "undone"

    def test_leaves_what_was_touched_since_and_says_so(self, sales: Actor) -> None:
        done = imported(COMPANIES, sales, kind="companies")
        touched = parties()[0]
        do(sales, change_party, party_id=touched.id, values={"city": "Pully"}, expected_version=touched.row_version)

        result = steps.undo(done.import_id, by=sales)

        assert result["removed"] == 2
        [(name, field, why)] = left(done.import_id, sales)
        assert (name, field) == (touched.name, "")
        assert why.startswith(f"{sales.name} a modifié cette fiche depuis, le ")
        assert [party.name for party in parties()] == [touched.name]


class TestContacts:
    FILE = """Prénom;Nom;Société;Fonction;E-mail;Tél.
Anne;Rochat;Boulangerie Rochat;Directrice;anne@rochat.example;
Luc;Favre;Menuiserie Favre SA;Menuisier;;021 801 23 45
Ida;Favre;Menuiserie Favre SA;Comptable;;021 801 23 45
"""

    def test_bring_their_company(self, sales: Actor) -> None:
        imported("Société;NPA\nMenuiserie Favre SA;1110\n", sales, kind="companies")

        done = imported(self.FILE, sales, kind="contacts")

        assert counts(done) == (3, 0, 0, 0)
        assert [(party.kind, party.name) for party in parties()] == [
            ("company", "Boulangerie Rochat"),
            ("company", "Menuiserie Favre SA"),
            ("person", "Anne Rochat"),
            ("person", "Ida Favre"),
            ("person", "Luc Favre"),
        ]
        luc = parties()[-1]
        assert [(one.name, one.function) for one in ask(sales, companies_of, person_id=luc.id)] == [
            ("Menuiserie Favre SA", "Menuisier")
        ]

    def test_of_the_same_file_again_are_the_same_people(self, sales: Actor) -> None:
        imported(self.FILE, sales, kind="contacts")

        again = imported(self.FILE.replace("Menuisier;", "Chef;"), sales, kind="contacts")

        assert counts(again) == (0, 3, 2, 0)
        assert len(parties()) == 5

    def test_are_undone_with_the_companies_they_brought(self, sales: Actor) -> None:
        done = imported(self.FILE, sales, kind="contacts")

        result = steps.undo(done.import_id, by=sales)

        assert (result["removed"], result["left"]) == (5, 0)
        assert parties() == []


class TestOpportunities:
    FILE = """Affaire;Société;Montant;État;Ouverte le;Close le;Motif
Cuisine;Menuiserie Favre SA;12'500.00;en cours;03.11.2026;;
Four;Boulangerie Rochat;8'000;gagnée;01.10.2026;15.10.2026;
Pont;Garage du Lac;900;perdue;01.10.2026;20.10.2026;Trop cher
"""

    def found(self) -> list[tuple[str, str, str]]:
        with reading() as session:
            rows = session.exec(select(Opportunity).order_by(Opportunity.name))
            return [(row.name, row.state, str(row.expected_amount)) for row in rows]

    def test_come_in_with_their_company_and_are_recognised(self, sales: Actor) -> None:
        first = imported(self.FILE, sales, kind="opportunities")
        again = imported(self.FILE.replace("12'500.00", "13'000.00"), sales, kind="opportunities")

        assert counts(first) == (3, 0, 0, 0)
        assert counts(again) == (0, 3, 2, 0)
        assert self.found() == [("Cuisine", "open", "13000.00"), ("Four", "won", "8000.00"), ("Pont", "lost", "900.00")]
        assert len(parties()) == 3

    def test_are_ordered_like_those_that_people_open(self, sales: Actor) -> None:
        imported(self.FILE, sales, kind="opportunities")
        imported(self.FILE.replace("12'500.00", "7'000.00"), sales, kind="opportunities")

        with reading() as session:
            rows = session.exec(select(Opportunity).order_by(col(Opportunity.amount_order)))
            found = [(row.name_order, row.amount_order) for row in rows]
        assert found == [("pont", 90_000), ("cuisine", 700_000), ("four", 800_000)]

    def test_lost_without_a_reason_are_refused(self, sales: Actor) -> None:
        import_id = opened("Affaire;Société;État\nPont;Garage;perdue\n", sales, kind="opportunities")

        assert steps.check(import_id, by=sales).refused == 1

    def test_are_undone_with_the_companies_they_brought(self, sales: Actor) -> None:
        done = imported(self.FILE, sales, kind="opportunities")

        result = steps.undo(done.import_id, by=sales)

        assert (result["removed"], result["left"]) == (6, 0)
        assert self.found() == []
        assert parties() == []
