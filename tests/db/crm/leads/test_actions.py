"""What can be done with a lead, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.doors import ask, do
from db.access.people.actions import close_person
from db.access.rules import Actor, Role
from db.crm.leads.actions import (
    add_leads,
    assign_leads,
    convert_lead,
    create_lead,
    edit_lead,
    lose_lead,
    lose_leads,
    note_exchange,
    reassign_leads,
    remove_leads_of_import,
    reopen_lead,
    update_leads,
)
from db.crm.leads.queries import LeadDetail, last_change, lead_by_key, lead_detail, lead_history, open_leads
from db.crm.leads.rules import AlreadyConverted, BadLead, LeadClosed, LeadState
from db.crm.opportunities.queries import opportunity_facts
from db.kernel.errors import ChangedMeanwhile, NotAllowed, NotFound
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from db.records.search.queries import found_records
from db.records.timeline.queries import timeline
from tests.db.crm.leads.make import RECEIVED, make_draft

People = dict[Role, Actor]
WRONG_MOMENT = timedelta(days=1)


@pytest.fixture
def seller(people: People) -> Actor:
    """Somebody who works with leads."""
    return people[Role.SALES]


def detail(by: Actor, lead_id: UUID) -> LeadDetail:
    """Return a lead as its page shows it."""
    return ask(by, lead_detail, lead_id=lead_id, by=by)


class TestCreateLead:
    def test_keeps_the_lead_findable_with_its_story(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        assert detail(seller, lead_id).company_name == "Chantier naval Bornand SA"
        assert [line.message_id for line in ask(seller, timeline, kind="lead", record_id=lead_id)] == [
            "Piste reçue ({source})"
        ]
        found = ask(seller, found_records, query="bornand 021 555 01 42", by=seller)
        assert [hit.record_id for hit in found] == [lead_id]

    def test_refuses_who_may_not(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.WAREHOUSE], create_lead, draft=make_draft(), at=clock)

    def test_reads_custom_values_by_their_type(self, seller: Actor, clock: datetime) -> None:
        do(seller, define_field, kind="lead", key="area", label="Surface", type=FieldType.NUMBER, at=clock)

        with pytest.raises(BadLead, match="n’est pas un nombre"):
            do(seller, create_lead, draft=make_draft(custom={"area": "grand"}), at=clock)
        lead_id = do(seller, create_lead, draft=make_draft(custom={"area": "1'234.50"}), at=clock)

        assert [entry.value for entry in detail(seller, lead_id).custom] == [Decimal("1234.50")]


class TestEditLead:
    def test_changes_values_and_what_the_lead_is_found_by(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        do(seller, edit_lead, lead_id=lead_id, values={"city": "Nyon"}, expected_version=1, at=clock)

        assert detail(seller, lead_id).city == "Nyon"
        assert detail(seller, lead_id).row_version == 2
        assert ask(seller, found_records, query="vevey", by=seller) == []
        assert len(ask(seller, found_records, query="nyon", by=seller)) == 1

    def test_says_that_somebody_else_was_faster(self, people: People, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        do(people[Role.MANAGER], edit_lead, lead_id=lead_id, values={"city": "Nyon"}, expected_version=1, at=clock)

        with pytest.raises(ChangedMeanwhile):
            do(seller, edit_lead, lead_id=lead_id, values={"city": "Morges"}, expected_version=1, at=clock)

        change = ask(seller, last_change, lead_id=lead_id)
        assert change is not None
        assert (change.by_name, change.fields) == ("Manager", ["city"])

    def test_keeps_the_other_custom_values(self, seller: Actor, clock: datetime) -> None:
        for key in ("alpha", "beta"):
            do(seller, define_field, kind="lead", key=key, label=key, type=FieldType.TEXT, at=clock)
        lead_id = do(seller, create_lead, draft=make_draft(custom={"alpha": "a", "beta": "b"}), at=clock)

        do(seller, edit_lead, lead_id=lead_id, values={"custom": {"beta": "c"}}, expected_version=1, at=clock)

        assert [entry.value for entry in detail(seller, lead_id).custom] == ["a", "c"]

    def test_refuses_a_closed_lead(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        do(seller, lose_lead, lead_id=lead_id, reason="trop cher", at=clock)

        with pytest.raises(LeadClosed, match="rouvrez-la"):
            do(seller, edit_lead, lead_id=lead_id, values={"city": "Nyon"}, expected_version=2, at=clock)


class TestLoseLead:
    def test_asks_for_a_reason(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        with pytest.raises(BadLead, match="pourquoi"):
            do(seller, lose_lead, lead_id=lead_id, reason="  ", at=clock)

    def test_closes_all_or_none(self, seller: Actor, clock: datetime) -> None:
        one = do(seller, create_lead, draft=make_draft(), at=clock)
        other = do(seller, create_lead, draft=make_draft(name="Balustrade"), at=clock)
        do(seller, convert_lead, lead_id=other, at=clock)

        with pytest.raises(AlreadyConverted):
            do(seller, lose_leads, lead_ids=[one, other], reason="trop cher", at=clock)

        assert detail(seller, one).state is LeadState.NEW

    def test_can_be_reopened(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        do(seller, lose_lead, lead_id=lead_id, reason="trop cher", at=clock)

        do(seller, reopen_lead, lead_id=lead_id, at=clock)

        assert (detail(seller, lead_id).state, detail(seller, lead_id).closed_at) == (LeadState.NEW, None)


class TestConvertLead:
    def test_makes_company_contact_and_opportunity_with_the_story(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        opportunity_id = do(seller, convert_lead, lead_id=lead_id, at=clock)

        assert detail(seller, lead_id).opportunity_id == opportunity_id
        story = ask(seller, timeline, kind="opportunity", record_id=opportunity_id)
        assert "Piste reçue ({source})" in [line.message_id for line in story]

    def test_carries_the_next_step_along(self, seller: Actor, clock: datetime) -> None:
        step = {"next_step": "Envoyer le devis", "next_step_date": date(2026, 12, 1)}
        lead_id = do(seller, create_lead, draft=make_draft(**step), at=clock)

        opportunity_id = do(seller, convert_lead, lead_id=lead_id, at=clock)

        made = ask(seller, opportunity_facts, opportunity_id=opportunity_id, by=seller)
        assert (made.next_step, made.next_step_date) == ("Envoyer le devis", date(2026, 12, 1))

    def test_tells_the_second_who_has_it(self, people: People, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        do(seller, convert_lead, lead_id=lead_id, at=clock)

        with pytest.raises(AlreadyConverted, match="chez Sales"):
            do(people[Role.MANAGER], convert_lead, lead_id=lead_id, at=clock)

    def test_lets_only_one_of_two_at_once(self, people: People, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        def convert(by: Actor) -> str:
            try:
                do(by, convert_lead, lead_id=lead_id, at=clock)
            except AlreadyConverted:
                return "too late"
            return "converted"

        with ThreadPoolExecutor(max_workers=2) as pool:
            outcomes = sorted(pool.map(convert, [seller, people[Role.MANAGER]]))

        assert outcomes == ["converted", "too late"]

    def test_knows_the_company_the_second_time(self, seller: Actor, clock: datetime, database: Engine) -> None:
        for name in ("Une", "Deux"):
            lead_id = do(seller, create_lead, draft=make_draft(name=name), at=clock)
            do(seller, convert_lead, lead_id=lead_id, at=clock)

        with database.connect() as connection:
            assert connection.execute(text("select count(*) from party")).scalar_one() == 2


class TestNoteExchange:
    def test_makes_a_new_lead_a_contacted_one(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        do(
            seller,
            note_exchange,
            lead_id=lead_id,
            channel="call",
            direction="out",
            happened_at=clock,
            text="Rappeler jeudi",
            at=clock,
        )

        known = detail(seller, lead_id)
        assert (known.state, known.exchanges, known.last_exchange_at) == (LeadState.CONTACTED, 1, clock)


class TestAssignLeads:
    def test_refuses_an_owner_who_does_not_exist(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        with pytest.raises(NotFound, match="personne"):
            do(seller, assign_leads, lead_ids=[lead_id], owner_id=uuid4(), at=clock)

    def test_refuses_an_owner_who_left(self, people: People, seller: Actor, clock: datetime) -> None:
        gone, admin = people[Role.HR], people[Role.ADMINISTRATOR]
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        do(admin, close_person, user_id=gone.user_id, to_user=None, at=clock)

        for deed, given in (
            (create_lead, {"draft": make_draft(owner_id=gone.user_id)}),
            (edit_lead, {"lead_id": lead_id, "values": {"owner_id": gone.user_id}, "expected_version": 1}),
            (assign_leads, {"lead_ids": [lead_id], "owner_id": gone.user_id}),
        ):
            with pytest.raises(NotFound, match="ne travaille pas"):
                do(seller, deed, at=clock, **given)

    def test_leaves_an_owner_who_left_where_nothing_else_is_asked(
        self, people: People, seller: Actor, clock: datetime
    ) -> None:
        gone, admin = people[Role.HR], people[Role.ADMINISTRATOR]
        lead_id = do(seller, create_lead, draft=make_draft(owner_id=gone.user_id), at=clock)
        do(seller, lose_lead, lead_id=lead_id, reason="prix", at=clock)
        do(admin, close_person, user_id=gone.user_id, to_user=None, at=clock)
        do(seller, reopen_lead, lead_id=lead_id, at=clock)

        version = do(seller, edit_lead, lead_id=lead_id, values={"city": "Nyon"}, expected_version=3, at=clock)

        assert version == 4

    def test_passes_open_leads_on_when_somebody_leaves(self, people: People, seller: Actor, clock: datetime) -> None:
        manager = people[Role.MANAGER]
        lead_id = do(seller, create_lead, draft=make_draft(owner_id=seller.user_id), at=clock)

        moved = do(manager, reassign_leads, from_user=seller.user_id, to_user=manager.user_id, at=clock)

        assert (moved, detail(seller, lead_id).owner_name) == (1, "Manager")


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [
            "closed_at = null",
            "lost_reason = ''",
            "state = 'new'",
            "name = ''",
            "state = 'dreaming'",
            "expected_amount = -1",
        ],
    )
    def test_refuses_what_must_never_be(self, change: str, seller: Actor, clock: datetime, database: Engine) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        do(seller, lose_lead, lead_id=lead_id, reason="trop cher", at=clock)

        with pytest.raises(IntegrityError), database.begin() as connection:
            connection.execute(text(f"update lead set {change}"))


class TestImport:
    def test_is_undone_whole(self, seller: Actor, clock: datetime, database: Engine) -> None:
        import_id = uuid4()
        do(seller, define_field, kind="lead", key="job", label="Métier", type=FieldType.TEXT, at=clock)
        drafts = [make_draft(name=f"Piste {i}", custom={"job": "artisan"}) for i in range(7)]
        do(seller, add_leads, drafts=drafts, import_id=import_id, at=clock)

        result = do(seller, remove_leads_of_import, import_id=import_id, at=clock)

        assert (result.removed, result.left) == (7, [])
        with database.connect() as connection:
            for table in ("lead", "search_entry", "timeline_entry", "custom_value", "imported_record"):
                assert connection.execute(text(f"select count(*) from {table}")).scalar_one() == 0

    def test_leaves_alone_what_somebody_worked_with(self, seller: Actor, clock: datetime) -> None:
        import_id = uuid4()
        ids = do(seller, add_leads, drafts=[make_draft(name="A"), make_draft(name="B")], import_id=import_id, at=clock)
        do(seller, edit_lead, lead_id=ids[0], values={"city": "Nyon"}, expected_version=1, at=clock)

        result = do(seller, remove_leads_of_import, import_id=import_id, at=clock)

        assert (result.removed, [one.record_id for one in result.left]) == (1, [ids[0]])

    def test_gives_back_the_values_of_those_it_changed(self, seller: Actor, clock: datetime) -> None:
        import_id = uuid4()
        draft = make_draft(expected_amount=Decimal("12.50"))
        [lead_id] = do(seller, add_leads, drafts=[draft], import_id=None, at=clock)
        changes = [(lead_id, {"expected_amount": Decimal(99), "city": "Nyon"}), (lead_id, {"city": "Morges"})]
        do(seller, update_leads, changes=changes, import_id=import_id, at=clock)
        assert detail(seller, lead_id).city == "Morges"

        result = do(seller, remove_leads_of_import, import_id=import_id, at=clock)

        assert result.restored == 1
        assert (detail(seller, lead_id).city, detail(seller, lead_id).expected_amount) == ("Vevey", Decimal("12.50"))
        assert len(ask(seller, found_records, query="vevey", by=seller)) == 1

    def test_leaves_a_conversion_as_it_is(self, seller: Actor, clock: datetime) -> None:
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        do(seller, convert_lead, lead_id=lead_id, at=clock)

        with pytest.raises(BadLead, match="convertie en affaire"):
            do(seller, update_leads, changes=[(lead_id, {"state": LeadState.NEW})], import_id=uuid4(), at=clock)

    def test_refuses_all_when_one_cannot_be_kept(self, seller: Actor, clock: datetime, database: Engine) -> None:
        with pytest.raises(BadLead):
            do(seller, add_leads, drafts=[make_draft(), make_draft(email="x")], import_id=uuid4(), at=clock)

        with database.connect() as connection:
            assert connection.execute(text("select count(*) from lead")).scalar_one() == 0


class TestLeadByKey:
    def test_finds_by_address_phone_and_custom_field(self, seller: Actor, clock: datetime) -> None:
        do(seller, define_field, kind="lead", key="number", label="N°", type=FieldType.NUMBER, at=clock)
        [lead_id] = do(seller, add_leads, drafts=[make_draft(custom={"number": Decimal(17)})], import_id=None, at=clock)

        for field, value in (("email", "Ingrid.Keller@bornand.example"), ("phone", "0215550142"), ("number", "17")):
            found = ask(
                seller, lead_by_key, field=field, values=[value, "x@y.ch" if field == "email" else "99"], by=seller
            )
            assert found == {value: lead_id}


class TestLeadHistory:
    def test_knows_only_the_past(self, seller: Actor, clock: datetime) -> None:
        early, late = clock - timedelta(days=20), clock - timedelta(days=5)
        [lead_id] = do(seller, add_leads, drafts=[make_draft(source="Salon")], import_id=None, at=early)
        between = clock - timedelta(days=10)
        do(seller, edit_lead, lead_id=lead_id, values={"source": "Site web"}, expected_version=1, at=late)
        do(seller, lose_lead, lead_id=lead_id, reason="trop cher", at=late)

        [then] = ask(seller, lead_history, as_of=between)
        [now] = ask(seller, lead_history, as_of=clock)

        assert (then.won, then.fields["source"]) == (None, "Salon")
        assert (now.won, now.fields["source"]) == (False, "Site web")
        assert ask(seller, lead_history, as_of=RECEIVED) == []

    def test_gives_every_custom_field_that_models_may_use(self, seller: Actor, clock: datetime) -> None:
        do(seller, define_field, kind="lead", key="job", label="Métier", type=FieldType.TEXT, at=clock)
        do(seller, define_field, kind="lead", key="x", label="X", type=FieldType.TEXT, feature=False, at=clock)
        do(seller, create_lead, draft=make_draft(custom={"job": "artisan", "x": "y"}), at=clock)

        [facts] = ask(seller, open_leads, as_of=clock)

        assert facts.fields["job"] == "artisan"
        assert "x" not in facts.fields
