"""What people typed and have not saved."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.doors import ask, do
from db.access.rules import NOBODY, Actor, Role
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.drafts.actions import drop_draft, keep_draft
from db.records.drafts.queries import KeptDraft, draft_of_form
from db.records.drafts.rules import LIFE

People = dict[Role, Actor]


@pytest.fixture
def firm(people: People, clock: datetime) -> UUID:
    """A company."""
    made: UUID = do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
    return made


def keep(by: Actor, at: datetime, record: object, **values: str) -> None:
    """Keep a draft of a company's form."""
    do(by, keep_draft, kind="party", record_key=str(record), values=values, seen="", at=at)


def kept(by: Actor, at: datetime, record: object) -> KeptDraft | None:
    """Return the draft of a company's form."""
    return ask(by, draft_of_form, kind="party", record_key=str(record), by=by, at=at)


class TestKeepDraft:
    def test_keeps_the_newest_words_of_each_person(self, people: People, firm: UUID, clock: datetime) -> None:
        keep(people[Role.SALES], clock, firm, name="Bor")
        keep(people[Role.SALES], clock + timedelta(minutes=1), firm, name="Bornand & fils")
        keep(people[Role.MANAGER], clock, firm, name="Autre")

        mine = kept(people[Role.SALES], clock, firm)

        assert mine is not None
        assert (mine.values, mine.saved_at) == ({"name": "Bornand & fils"}, clock + timedelta(minutes=1))

    def test_keeps_what_is_new_too(self, people: People, clock: datetime) -> None:
        keep(people[Role.SALES], clock, "new:company", name="Neuve")

        assert kept(people[Role.SALES], clock, "new:company") is not None
        assert kept(people[Role.MANAGER], clock, "new:company") is None

    def test_is_forgotten_after_thirty_days(self, people: People, firm: UUID, clock: datetime) -> None:
        keep(people[Role.SALES], clock, firm, name="Bor")

        assert kept(people[Role.SALES], clock + LIFE - timedelta(seconds=1), firm) is not None
        assert kept(people[Role.SALES], clock + LIFE, firm) is None

    def test_refuses_what_no_form_holds(self, people: People, clock: datetime) -> None:
        with pytest.raises(BadInput, match="trop long"):
            keep(people[Role.SALES], clock, "new", name="x" * 10_001)

    def test_refuses_strangers_and_records_out_of_reach(self, people: People, firm: UUID, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            keep(people[Role.HR], clock, firm, name="x")
        with pytest.raises(NotAllowed):
            keep(NOBODY, clock, firm, name="x")
        with pytest.raises(NotFound):
            keep(people[Role.SALES], clock, uuid4(), name="x")


class TestDropDraft:
    def test_forgets_ones_own_only(self, people: People, firm: UUID, clock: datetime) -> None:
        for role in (Role.SALES, Role.MANAGER):
            keep(people[role], clock, firm, name="x")

        do(people[Role.SALES], drop_draft, kind="party", record_key=str(firm), at=clock)

        assert kept(people[Role.SALES], clock, firm) is None
        assert kept(people[Role.MANAGER], clock, firm) is not None
