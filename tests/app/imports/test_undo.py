"""Undoing an import part by part: stopped, killed, by somebody else, and with what stays named field by field."""

from uuid import UUID

import pytest
from sqlmodel import col, func, select

from app.doors import ask, do
from app.imports import steps
from app.imports.kinds import kind_named
from app.worker import run_next_job
from db.access.rules import Actor, Role
from db.access.tables import Deed
from db.crm.leads.tables import Lead
from db.documents.imports.rules import ImportState
from db.jobs.rules import JobCancelled
from db.kernel.errors import NotFound
from db.kernel.lifecycle import WrongStep
from db.parties.actions import change_party
from db.records.merging.actions import Merge, merge_records
from db.records.undo.actions import remove_record
from db.records.undo.queries import undo_plan
from db.session import reading
from tests.app.imports.files import Killed, Stopper, imported, left, many, opened, parties, status_of

ROWS = 1100  # three parts
COMPANIES = "Société;E-mail;Ville;NPA\nLac SA;lac@lac.example;Nyon;1260\nPont SA;pont@pont.example;Morges;1110\n"


def lead_count() -> int:
    with reading() as session:
        return session.exec(select(func.count()).select_from(Lead)).one()


@pytest.fixture
def done(sales: Actor, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A large import that is done."""
    monkeypatch.setattr(steps, "PORTION", 500)
    import_id = opened(many(ROWS), sales)
    steps.begin(import_id, with_job=False, by=sales)
    return steps.write(import_id, by=sales).import_id


class TestInParts:
    def test_can_be_stopped_between_two_and_goes_on_where_it_was(self, done: UUID, sales: Actor) -> None:
        stopper = Stopper(500, JobCancelled("Travail annulé."))
        with pytest.raises(JobCancelled):
            steps.undo(done, by=sales, watch=stopper)

        between = status_of(done, sales)
        assert (lead_count(), between.state) == (600, ImportState.DONE)
        assert between.undo_result is not None
        assert (between.undo_result["removed"], between.undo_result["waiting"]) == (500, 600)
        with pytest.raises(WrongStep, match="a commencé"):
            steps.begin(done, with_job=False, by=sales)

        watch = Stopper(ROWS + 1, Killed())
        result = steps.undo(done, by=sales, watch=watch)

        assert watch.seen == [500, 1000, 1100]
        assert (result["removed"], result["left"], lead_count()) == (ROWS, 0, 0)
        assert status_of(done, sales).state is ImportState.UNDONE

    def test_ends_well_when_the_worker_died_after_the_last(self, done: UUID, sales: Actor) -> None:
        do(sales, kind_named("leads").deeds.ask_for_undo, import_id=done)
        with pytest.raises(Killed):
            steps.undo(done, by=sales, watch=Stopper(ROWS, Killed()))

        assert run_next_job()

        stands = status_of(done, sales)
        assert (stands.state, stands.problem, lead_count()) == (ImportState.UNDONE, "", 0)


class TestWhatStays:
    @pytest.fixture
    def updated(self, sales: Actor) -> UUID:
        """An import that changed both companies of an earlier one."""
        imported(COMPANIES, sales, kind="companies")
        text = COMPANIES.replace("Nyon", "Gland").replace("Morges", "Aubonne").replace("lac@", "info@")
        return imported(text, sales, {"key": "Société"}, kind="companies").import_id

    def test_is_told_field_by_field(self, updated: UUID, sales: Actor, people: dict[Role, Actor]) -> None:
        lac = next(party for party in parties() if party.name == "Lac SA")
        manager = people[Role.MANAGER]
        do(manager, change_party, party_id=lac.id, values={"city": "Rolle"}, expected_version=lac.row_version)

        result = steps.undo(updated, by=sales)

        found = {party.name: (party.city, party.email) for party in parties()}
        assert found == {"Lac SA": ("Rolle", "lac@lac.example"), "Pont SA": ("Morges", "pont@pont.example")}
        assert (result["restored"], result["left"]) == (2, 1)
        [(name, field, why)] = left(updated, sales)
        assert (name, field) == ("Lac SA", "city")
        assert why.startswith(f"{manager.name} a changé cette valeur le ")

    def test_names_what_was_merged_or_removed(self, sales: Actor, people: dict[Role, Actor]) -> None:
        import_id = imported(COMPANIES + "Seul SA;s@s.example;Nyon;1260\n", sales, kind="companies").import_id
        lac, pont, alone = parties()
        manager = people[Role.MANAGER]
        do(manager, merge_records, merge=Merge("party", lac.id, pont.id, taken=frozenset({"city"})))
        do(manager, remove_record, table="party", record_id=alone.id)

        result = steps.undo(import_id, by=sales)

        told = {name: why for name, _, why in left(import_id, sales)}
        assert result["left"] == len(told) == 3
        assert "a fusionné cette fiche" in told["Pont SA"]
        assert "a supprimé cette fiche" in told["Seul SA"]
        assert [party.name for party in parties()] == ["Lac SA"]


class TestBySomebodyElse:
    def test_is_undone_from_the_history(self, sales: Actor, people: dict[Role, Actor]) -> None:
        import_id = imported(COMPANIES, sales, kind="companies").import_id
        manager = people[Role.MANAGER]
        with reading() as session:
            writing = select(Deed).where(col(Deed.action).like("%write_party_rows"))
            deed_id = session.exec(writing).one().id

        plan = ask(manager, undo_plan, deed_id=deed_id, by=manager)

        assert plan.inverse is not None
        assert plan.inverse.route == f"/importer/companies?import={import_id}"
        do(manager, kind_named("companies").deeds.ask_for_undo, import_id=import_id)
        assert run_next_job()
        assert (parties(), status_of(import_id, manager).state) == ([], ImportState.UNDONE)

    def test_is_refused_to_who_may_not_undo_such_a_kind(self, sales: Actor, people: dict[Role, Actor]) -> None:
        import_id = imported(COMPANIES, sales, kind="companies").import_id

        with pytest.raises(NotFound):
            status_of(import_id, people[Role.HR])
        assert parties()
