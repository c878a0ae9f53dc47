"""One story across records: links, sorts, pages, reach; followers; mentions; files."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import convert_lead, create_lead, edit_lead, note_exchange
from db.crm.leads.queries import lead_detail
from db.crm.opportunities.queries import opportunity_facts
from db.documents.attachments.actions import attach_file, detach_file
from db.documents.attachments.queries import attachment, attachments
from db.documents.attachments.rules import FileRefused
from db.jobs.tables import Event
from db.kernel.errors import NotAllowed, NotFound
from db.parties.actions import add_contact, add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.followers.actions import follow_record, unfollow_record
from db.records.followers.queries import changes_on_followed, followers_of
from db.records.notes.actions import write_note
from db.records.notes.rules import mentioned
from db.records.timeline.queries import ChangeLine, TimelineLine, story
from db.records.timeline.rules import StoryPart
from db.session import reading
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture
def lead(people: People, clock: datetime) -> UUID:
    """A lead with a company and a person."""
    made: UUID = do(people[Role.SALES], create_lead, draft=make_draft(), at=clock)
    return made


def lines(by: Actor, kind: str, record_id: UUID, **part: object) -> list[str]:
    """Return the sentences of a record's story."""
    found = ask(by, story, kind=kind, record_id=record_id, part=StoryPart(**part), by=by)  # type: ignore[arg-type]
    return [line.text or line.message_id for line in found.lines if isinstance(line, TimelineLine)]


def converted(by: Actor, lead: UUID, at: datetime) -> tuple[UUID, UUID, UUID]:
    """Convert a lead; return opportunity, company and person."""
    deal: UUID = do(by, convert_lead, lead_id=lead, at=at)
    facts = ask(by, opportunity_facts, opportunity_id=deal, by=by)
    assert facts.contact_id is not None
    return deal, facts.party_id, facts.contact_id


class TestStory:
    def test_is_told_on_opportunity_company_and_person(self, people: People, lead: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        call = {"lead_id": lead, "channel": "call", "direction": "out", "happened_at": clock}
        do(seller, note_exchange, text="Avant la conversion", at=clock, **call)
        deal, company, person = converted(seller, lead, clock)
        do(seller, write_note, kind="lead", record_id=lead, text="Après la conversion", at=clock)
        do(seller, write_note, kind="opportunity", record_id=deal, text="Sur l’affaire", at=clock)

        for kind, record in (("opportunity", deal), ("party", company), ("party", person)):
            assert {"Avant la conversion", "Après la conversion", "Sur l’affaire"} <= set(lines(seller, kind, record))
        assert "Sur l’affaire" not in lines(seller, "lead", lead)

    def test_tells_a_persons_notes_on_her_company(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        firm = do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
        person = do(seller, add_party, draft=PartyDraft(PartyKind.PERSON, "Ida"), at=clock)
        do(seller, write_note, kind="party", record_id=person, text="Avant", at=clock)
        do(seller, add_contact, company_id=firm, person_id=person, function="", at=clock)
        do(seller, write_note, kind="party", record_id=person, text="Après", at=clock)

        assert lines(seller, "party", firm, sort="note") == ["Après", "Avant"]

    def test_is_filtered_by_sort(self, people: People, lead: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        do(seller, write_note, kind="lead", record_id=lead, text="Une note", at=clock)

        assert lines(seller, "lead", lead, sort="note") == ["Une note"]
        assert "Une note" not in lines(seller, "lead", lead, sort="state")

    def test_comes_page_by_page_without_gap_or_repetition(self, people: People, lead: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        for number in range(7):
            at = clock + timedelta(minutes=number // 2)
            do(seller, write_note, kind="lead", record_id=lead, text=f"Note {number}", at=at)

        found, before = [], None
        while True:
            part = StoryPart(sort="note", before=before, most=2)
            page = ask(seller, story, kind="lead", record_id=lead, part=part, by=seller)
            found += [line.text for line in page.lines if isinstance(line, TimelineLine)]
            before = page.next
            if before is None:
                break

        assert found == [f"Note {number}" for number in range(6, -1, -1)]

    def test_shows_changes_of_fields(self, people: People, lead: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        version = ask(seller, lead_detail, lead_id=lead, by=seller).row_version
        do(seller, edit_lead, lead_id=lead, values={"city": "Nyon"}, expected_version=version, at=clock)

        page = ask(seller, story, kind="lead", record_id=lead, part=StoryPart(sort="change"), by=seller)

        told = [line.fields for line in page.lines if isinstance(line, ChangeLine)]
        assert ("city", "Vevey", "Nyon") in told[0]

    def test_hides_lines_of_records_that_the_reader_may_not_read(
        self, people: People, lead: UUID, clock: datetime
    ) -> None:
        _, company, _ = converted(people[Role.SALES], lead, clock)
        do(people[Role.SALES], write_note, kind="lead", record_id=lead, text="Pour la vente", at=clock)

        assert "Pour la vente" in lines(people[Role.SALES], "party", company)
        assert "Pour la vente" not in lines(people[Role.PURCHASING], "party", company)

    def test_is_refused_to_who_may_not_read_the_record(self, people: People, lead: UUID) -> None:
        with pytest.raises(NotAllowed):
            lines(people[Role.HR], "lead", lead)


class TestMentioned:
    def test_takes_full_names_after_an_at(self) -> None:
        people = [(UUID(int=1), "Anne"), (UUID(int=2), "Anne Rochat"), (UUID(int=3), "Luc")]

        assert mentioned("@Anne Rochat et @Luc, voir anne@luc.ch", people) == [UUID(int=2), UUID(int=3)]

    def test_is_published_for_others_only(self, people: People, lead: UUID, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        text = f"@{manager.name} et moi, @{seller.name}"

        do(seller, write_note, kind="lead", record_id=lead, text=text, at=clock)

        with reading() as session:
            [told] = session.scalars(select(Event).where(col(Event.kind) == "records.mentioned"))
        assert (told.subject, told.facts["user_ids"], told.facts["record_kind"]) == (
            lead,
            [str(manager.user_id)],
            "lead",
        )


class TestFollowers:
    def test_know_what_others_do(self, people: People, lead: UUID, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        for _ in range(2):
            do(manager, follow_record, kind="lead", record_id=lead, at=clock)
        do(seller, write_note, kind="lead", record_id=lead, text="Du nouveau", at=clock)
        do(manager, write_note, kind="lead", record_id=lead, text="De moi-même", at=clock)
        version = ask(seller, lead_detail, lead_id=lead, by=seller).row_version
        do(seller, edit_lead, lead_id=lead, values={"city": "Nyon"}, expected_version=version, at=clock)

        told = ask(manager, changes_on_followed, by=manager, since=clock)

        assert ask(manager, followers_of, kind="lead", record_id=lead, by=manager) == [manager.user_id]
        said = {one.text or one.message_id for one in told}
        assert {"Du nouveau", "Fiche modifiée"} <= said
        assert "De moi-même" not in said
        assert ask(seller, changes_on_followed, by=seller, since=clock) == []

    def test_may_leave(self, people: People, lead: UUID, clock: datetime) -> None:
        manager = people[Role.MANAGER]
        do(manager, follow_record, kind="lead", record_id=lead, at=clock)
        do(manager, unfollow_record, kind="lead", record_id=lead, at=clock)

        assert ask(manager, followers_of, kind="lead", record_id=lead, by=manager) == []

    def test_follow_only_what_they_reach(self, people: People, lead: UUID, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.HR], follow_record, kind="lead", record_id=lead, at=clock)


class TestAttachFile:
    def test_is_stored_once_and_told(self, people: People, lead: UUID, clock: datetime, tmp_path: Path) -> None:
        seller = people[Role.SALES]
        given = {"kind": "lead", "record_id": lead, "content": PDF}
        for name in ("../../offre.pdf", "copie.pdf"):
            do(seller, attach_file, name=name, at=clock, **given)

        found = ask(seller, attachments, kind="lead", record_id=lead, by=seller)
        stored = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]

        assert [(one.name, one.media_type) for one in found] == [
            ("copie.pdf", "application/pdf"),
            ("offre.pdf", "application/pdf"),
        ]
        assert len(stored) == 1
        assert len(lines(seller, "lead", lead, sort="document")) == 2

    @pytest.mark.parametrize(
        ("name", "content"),
        [("page.pdf", b"<html><script>alert(1)</script>"), ("image.svg", b"<svg onload='x'/>"), ("x.png", b"MZ")],
    )
    def test_is_judged_by_its_content(
        self, name: str, content: bytes, people: People, lead: UUID, clock: datetime
    ) -> None:
        seller = people[Role.SALES]
        given = {"kind": "lead", "record_id": lead, "name": name, "content": content}
        file_id = do(seller, attach_file, at=clock, **given)

        assert ask(seller, attachment, file_id=file_id, by=seller).media_type == "application/octet-stream"

    def test_refuses_what_is_empty(self, people: People, lead: UUID, clock: datetime) -> None:
        with pytest.raises(FileRefused, match="vide"):
            do(people[Role.SALES], attach_file, kind="lead", record_id=lead, name="a.pdf", content=b"", at=clock)

    def test_is_shown_only_to_who_may_read_the_record(self, people: People, lead: UUID, clock: datetime) -> None:
        seller, other = people[Role.SALES], people[Role.ACCOUNTANT]
        file_id = do(seller, attach_file, kind="lead", record_id=lead, name="a.pdf", content=PDF, at=clock)

        with pytest.raises(NotFound):
            ask(other, attachment, file_id=file_id, by=other)

    def test_is_taken_off(self, people: People, lead: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        file_id = do(seller, attach_file, kind="lead", record_id=lead, name="a.pdf", content=PDF, at=clock)
        do(seller, detach_file, file_id=file_id, at=clock)

        assert ask(seller, attachments, kind="lead", record_id=lead, by=seller) == []
        with pytest.raises(NotFound):
            do(seller, detach_file, file_id=file_id, at=clock)
