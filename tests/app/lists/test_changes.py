"""Deeds from a list, on the database: cells, blocks, many at once, and the job that does very many."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from app.crm.lead_list import LEADS
from app.doors import ask, do
from app.lists import changes, job
from app.lists.changes import Chosen, change_cell, paste_block, preview_block, preview_bulk, run_bulk
from app.lists.reading import fresh_rows, read_counts, read_rows
from app.parties.lists import COMPANIES
from app.worker import JobRun, run_next_job
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, lose_lead
from db.crm.leads.queries import lead_detail
from db.jobs.queries import job_status
from db.kernel.errors import BadInput, BusinessError, ChangedMeanwhile, NotAllowed
from db.parties.actions import add_party
from db.parties.queries import party_card
from db.parties.rules import PartyDraft, PartyKind
from db.records.listing.changes import Changed
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]


@pytest.fixture
def company(people: People, clock: datetime) -> UUID:
    """A company."""
    made: UUID = do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
    return made


@pytest.fixture
def leads(people: People, clock: datetime) -> list[UUID]:
    """Four leads, the last one lost."""
    sales = people[Role.SALES]
    made = [do(sales, create_lead, draft=make_draft(name=f"Balcon {n}"), at=clock) for n in range(4)]
    do(sales, lose_lead, lead_id=made[3], reason="trop cher", at=clock)
    return made


class TestChangeCell:
    def test_writes_through_the_deed_of_the_area(self, company: UUID, people: People) -> None:
        sales = people[Role.SALES]

        changed = change_cell(COMPANIES, sales, company.hex, "canton", "vd", 1)

        assert ask(sales, party_card, party_id=company).address.canton == "VD"
        assert changed.done == (company,)
        assert fresh_rows(COMPANIES, sales, "columns=name,canton", [company])[0] == [company.hex, 2, "Bornand SA", "VD"]

    def test_reads_amounts_days_and_people_by_their_words(self, leads: list[UUID], people: People) -> None:
        sales = people[Role.SALES]

        change_cell(LEADS, sales, leads[0].hex, "amount", "1'234.50", 1)
        change_cell(LEADS, sales, leads[0].hex, "owner", sales.name.upper(), 2)

        lead = ask(sales, lead_detail, lead_id=leads[0], by=sales)
        assert (str(lead.expected_amount), lead.owner_id) == ("1234.50", sales.user_id)

    @pytest.mark.parametrize(
        ("column", "text", "version", "refusal"),
        [
            ("amount", "beaucoup", 1, BadInput),
            ("owner", "Personne Inconnue", 1, BadInput),
            ("probability", "0.9", 1, BadInput),
            ("email", "pas une adresse", 1, BadInput),
            ("city", "Nyon", 7, ChangedMeanwhile),
            ("state", "converted", 1, BadInput),
        ],
    )
    def test_refuses_what_does_not_fit(
        self, column: str, text: str, version: int, refusal: type[Exception], leads: list[UUID], people: People
    ) -> None:
        with pytest.raises(refusal):
            change_cell(LEADS, people[Role.SALES], leads[0].hex, column, text, version)

    def test_refuses_who_may_not(self, leads: list[UUID], people: People) -> None:
        with pytest.raises(NotAllowed):
            change_cell(LEADS, people[Role.ANALYST], leads[0].hex, "city", "Nyon", 1)


class TestPreviewBulk:
    def test_tells_what_would_be_refused_and_keeps_nothing(self, leads: list[UUID], people: People) -> None:
        sales = people[Role.SALES]

        told = preview_bulk(LEADS, sales, "lose", "sans réponse", Chosen(tuple(leads), ""))

        assert (told["count"], told["fit"], [number for _, number in told["refused"]]) == (4, 3, [1])
        assert ask(sales, lead_detail, lead_id=leads[0], by=sales).state == "new"

    def test_takes_the_whole_view(self, leads: list[UUID], people: People) -> None:
        told = preview_bulk(LEADS, people[Role.SALES], "lose", "x", Chosen((), "q=balcon&state=new"))

        assert (told["count"], told["fit"], told["refused"]) == (3, 3, [])

    def test_tells_why_when_nothing_could_be_done(self, leads: list[UUID], people: People) -> None:
        told = preview_bulk(LEADS, people[Role.SALES], "lose", " ", Chosen(tuple(leads[:3]), ""))

        assert (told["fit"], told["refused"][0][1]) == (0, 3)


class TestRunBulk:
    def test_does_all_that_can_be_done_in_one_deed(self, leads: list[UUID], people: People) -> None:
        sales = people[Role.SALES]

        done = run_bulk(LEADS, sales, "lose", "sans réponse", Chosen(tuple(leads), ""))

        assert isinstance(done, Changed)
        assert (len(done.done), len(done.refused)) == (3, 1)
        assert read_counts(LEADS, sales, "view=all")["quick"][2]["count"] == "4"

    @pytest.mark.parametrize(("verb", "value"), [("assign", "nobody"), ("delete", ""), ("lose", "")])
    def test_refuses_what_cannot_be_done(self, verb: str, value: str, leads: list[UUID], people: People) -> None:
        with pytest.raises(BusinessError):
            run_bulk(LEADS, people[Role.SALES], verb, value, Chosen(tuple(leads), ""))

    def test_leaves_very_many_to_the_worker(
        self, leads: list[UUID], people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sales = people[Role.SALES]
        for module in (changes, job):
            monkeypatch.setattr(module, "MOST_IN_ONE_DEED", 2)

        job_id = run_bulk(LEADS, sales, "assign", str(sales.user_id), Chosen((), "view=all"))
        assert isinstance(job_id, UUID)
        while run_next_job():
            pass

        result = ask(sales, job_status, job_id=job_id, asked_by=sales.user_id).result
        assert (result["done"], result["refused"], len(result["deeds"])) == (4, 0, 2)
        assert ask(sales, lead_detail, lead_id=leads[0], by=sales).owner_id == sales.user_id

    def test_asks_the_rights_again_when_the_worker_does_it(
        self, leads: list[UUID], people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(JobRun, "progress", lambda *_: None)
        given = {"list": "lead", "verb": "lose", "value": "x", "ids": [leads[0].hex]}

        result = job.run(JobRun(UUID(int=1), "lists.bulk", given, people[Role.ANALYST]))

        assert (result["done"], result["refused"]) == (0, 1)


@pytest.fixture
def block(company: UUID) -> Callable[..., list[tuple[str, int, str, str]]]:
    def made(**texts: str) -> list[tuple[str, int, str, str]]:
        return [(company.hex, 1, key, text) for key, text in texts.items()]

    return made


class TestPasteBlock:
    def test_tells_cell_by_cell_and_keeps_nothing(self, block: Any, company: UUID, people: People) -> None:
        told = preview_block(COMPANIES, people[Role.SALES], block(city="Nyon", linked="x", uid="CHE-1"))

        wrong = {key: bool(error) for _, key, _, error in told["cells"]}
        assert wrong["linked"]
        assert wrong["uid"]
        assert ask(people[Role.SALES], party_card, party_id=company).address.city == ""

    def test_writes_several_cells_of_a_record_at_once(self, block: Any, company: UUID, people: People) -> None:
        sales = people[Role.SALES]

        changed = paste_block(COMPANIES, sales, block(city="Nyon", postal_code="1260", canton="VD"))

        card = ask(sales, party_card, party_id=company)
        assert (card.address.city, card.address.postal_code, card.row_version) == ("Nyon", "1260", 2)
        assert changed.done == (company,)

    def test_refuses_a_block_in_which_nothing_fits(self, block: Any, people: People) -> None:
        with pytest.raises(BadInput):
            paste_block(COMPANIES, people[Role.SALES], block(linked="x"))
        with pytest.raises(BadInput):
            paste_block(COMPANIES, people[Role.SALES], [])


class TestReadRows:
    def test_says_why_a_list_cannot_be_shown(self, people: People) -> None:
        shown = read_rows(COMPANIES, people[Role.SALES], "sort=secret")

        assert "secret" in shown["error"]
        assert shown["rows"] == []

    def test_shows_who_speaks_for_a_company(self, company: UUID, people: People) -> None:
        shown = read_rows(COMPANIES, people[Role.PURCHASING], "q=bornand")

        assert [row[2] for row in shown["rows"]] == ["Bornand SA"]
        assert shown["may"]["edit"] is False
        assert [column["edit"] for column in shown["columns"]] == [None] * len(shown["columns"])
