"""A stored file that went missing, was altered, or belongs to nothing is named."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.doors import do
from app.kept_files import check_files
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.documents import store
from db.documents.attachments.actions import attach_file, detach_file
from db.reporting.kept_files.queries import OF_FILES
from db.schema import metadata
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
CONTENT = b"%PDF-1.4 plan"


@pytest.fixture
def plan(database: Engine, people: People, clock: datetime) -> UUID:
    """A plan that hangs on a lead."""
    claire = people[Role.MANAGER]
    lead_id = do(claire, create_lead, at=clock, draft=make_draft())
    hung: UUID = do(claire, attach_file, at=clock, kind="lead", record_id=lead_id, name="plan.pdf", content=CONTENT)
    return hung


class TestCheckFiles:
    def test_finds_nothing_where_all_is_there(self, plan: UUID, system: Actor) -> None:
        found = check_files(system)

        assert (found.looked_at, found.problems, found.altered, found.orphans) == (1, [], [], [])

    def test_names_the_record_whose_file_is_missing(self, plan: UUID, system: Actor) -> None:
        store.path_of(store.put(CONTENT)).unlink()

        [problem] = check_files(system).problems

        assert (problem.table, problem.record_id, problem.column) == ("attached_file", str(plan), "plan.pdf")
        assert "manque" in problem.what

    def test_names_the_record_whose_file_was_altered(self, plan: UUID, system: Actor) -> None:
        store.path_of(store.put(CONTENT)).write_bytes(b"another plan")

        [problem] = check_files(system).problems

        assert (problem.table, problem.record_id) == ("attached_file", str(plan))
        assert "altéré" in problem.what

    def test_keeps_what_an_undoing_could_bring_back(
        self, plan: UUID, people: People, system: Actor, clock: datetime
    ) -> None:
        do(people[Role.MANAGER], detach_file, at=clock, file_id=plan)

        assert check_files(system).orphans == []

    def test_lists_what_nothing_tells_of(self, plan: UUID, system: Actor) -> None:
        lonely = store.put(b"left behind")

        found = check_files(system)

        assert (found.orphans, found.problems) == ([lonely], [])


class TestEveryTable:
    NO_FILES = frozenset({"model_version.manifest_sha256"})  # of a text that stands in the row itself

    def test_that_names_a_file_by_its_sha256_is_asked(self) -> None:
        named = {
            f"{table.name}.{column.name}"
            for table in metadata.sorted_tables
            for column in table.columns
            if column.name.endswith("sha256")
        }

        assert named - self.NO_FILES == {f"{kind.__tablename__}.{column}" for kind, column in OF_FILES}
