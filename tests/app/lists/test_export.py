"""The list as a file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from app import downloads
from app.doors import do
from app.lists import export
from app.lists.export import harmless
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]


@pytest.fixture
def client(people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser whose cookie is a role's name."""
    monkeypatch.setattr(
        downloads, "who_is", lambda cookies: people.get(Role(cookies)) if cookies in set(Role) else None
    )
    with TestClient(export.routes) as made:
        made.headers["Cookie"] = "sales"
        yield made


class TestExport:
    def test_gives_csv_that_excel_opens(self, client: TestClient, people: People, clock: datetime) -> None:
        do(people[Role.SALES], create_lead, draft=make_draft(name="=1+1;Œuvre", city="Genève"), at=clock)

        answer = client.get("/listes/lead/export/csv?view=all")

        assert answer.headers["content-disposition"].startswith('attachment; filename="pistes-')
        head, line, *_ = answer.content.decode("utf-8-sig").split("\r\n")
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert head.startswith("Piste;Société;Personne;État;CHF")
        assert '"\'=1+1;Œuvre"' in line
        assert "021 555 01 42" in line

    def test_speaks_the_language_of_its_reader(
        self, client: TestClient, people: People, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seller = people[Role.SALES]
        do(seller, create_lead, draft=make_draft(), at=clock)
        monkeypatch.setattr(downloads, "who_is", lambda cookies: replace(seller, language="en"))

        head, line, *_ = client.get("/listes/lead/export/csv?view=all").content.decode("utf-8-sig").split("\r\n")

        assert head.startswith("Lead;Company;Person;State;CHF")
        assert ";New;" in line

    def test_gives_typed_cells_in_excel(self, client: TestClient, people: People, clock: datetime) -> None:
        do(people[Role.SALES], define_field, kind="lead", key="area", label="Surface", type=FieldType.NUMBER, at=clock)
        do(people[Role.SALES], create_lead, draft=make_draft(custom={"area": "12.5"}), at=clock)

        sheet = load_workbook(BytesIO(client.get("/listes/lead/export/xlsx?view=all").content)).active

        head = [cell.value for cell in sheet[1]]
        assert sheet[2][head.index("Surface")].value == 12.5

    def test_disarms_labels_too(self, client: TestClient, people: People, clock: datetime) -> None:
        given = {"kind": "lead", "key": "trap", "label": "=1+1", "type": FieldType.TEXT, "at": clock}
        do(people[Role.SALES], define_field, **given)
        do(people[Role.SALES], create_lead, draft=make_draft(), at=clock)

        head = client.get("/listes/lead/export/csv?view=all").text.splitlines()[0].split(";")
        cells = load_workbook(BytesIO(client.get("/listes/lead/export/xlsx?view=all").content)).active[1]

        assert "'=1+1" in head
        assert [(cell.value, cell.data_type) for cell in cells if "1+1" in cell.value] == [("'=1+1", "s")]

    def test_follows_filters_and_columns_of_the_list(self, client: TestClient, people: People, clock: datetime) -> None:
        for name in ("Balcon", "Portail"):
            do(people[Role.SALES], create_lead, draft=make_draft(name=name), at=clock)

        lines = client.get("/listes/lead/export/csv?q=portail&columns=name,city").text.splitlines()

        assert [line.split(";")[:2] for line in lines] == [["\ufeffPiste", "Localité"], ["Portail", "Vevey"]]

    def test_leaves_out_fields_that_the_reader_may_not_see(
        self, client: TestClient, people: People, clock: datetime
    ) -> None:
        given = {"kind": "lead", "key": "margin", "label": "Marge", "type": FieldType.TEXT, "at": clock}
        do(people[Role.MANAGER], define_field, permission="access.read_users", **given)
        do(people[Role.MANAGER], create_lead, draft=make_draft(custom={"margin": "confidentielle"}), at=clock)

        assert "confidentielle" not in client.get("/listes/lead/export/csv?view=all").text
        assert "Marge" in client.get("/listes/lead/export/csv?view=all", headers={"Cookie": "manager"}).text
        assert client.get("/listes/lead/export/csv?custom.margin=is:x").status_code == 404

    @pytest.mark.parametrize(("cookie", "status"), [("nobody", 401), ("analyst", 403), ("warehouse", 403)])
    def test_refuses_who_may_not(self, cookie: str, status: int, client: TestClient) -> None:
        assert client.get("/listes/lead/export/csv", headers={"Cookie": cookie}).status_code == status

    def test_knows_two_kinds_of_file(self, client: TestClient) -> None:
        assert client.get("/listes/lead/export/exe").status_code == 404


class TestHarmless:
    @pytest.mark.parametrize(
        "text",
        [
            "=SUM(A1)",
            "@cmd",
            "+cmd|x",
            "-cmd",
            "\t=1",
            '+1*HYPERLINK("http://evil","x")',
            "-1+cmd|'/C calc'!A0",
            "+41 21+A1",
        ],
    )
    def test_disarms_formulas(self, text: str) -> None:
        assert harmless(text) == "'" + text

    @pytest.mark.parametrize("text", ["+41 21 555 01 42", "-12.50", "Balcon", "+(41) 79"])
    def test_leaves_the_rest(self, text: str) -> None:
        assert harmless(text) == text
