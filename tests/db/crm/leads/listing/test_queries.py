"""The list against brute force: pages, counts, orders, search and the policy of fields, on both databases."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import add_leads, assign_leads
from db.crm.leads.listing import queries
from db.crm.leads.listing.conditions import SWISS_TIME
from db.crm.leads.listing.queries import lead_page, leads_of_view
from db.crm.leads.listing.rules import CustomFilter, ListPage, ListRequest, ListRow, read_request
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft, LeadState
from db.insights.predictions.tables import CurrentPrediction
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from db.records.search import queries as search
from db.records.search.rules import fold
from db.session import transaction
from tests.db.crm.leads.make import RECEIVED, make_draft

People = dict[Role, Actor]
N = 137
SORTS = [
    "name",
    "company",
    "city",
    "received",
    "amount",
    "state",
    "owner",
    "next",
    "probability",
    "source",
    "custom.job",
    "custom.area",
    "exchanges",
]


def draft(number: int, dice: random.Random, owners: list[UUID | None]) -> LeadDraft:
    """Return one of many leads, with ties and gaps in everything that orders."""
    state = dice.choice(list(LeadState))
    closed = state in (LeadState.CONVERTED, LeadState.LOST)
    received = RECEIVED + timedelta(hours=dice.randrange(60))
    return make_draft(
        name=dice.choice(["Garage Œuvray", "Balcon", "Échelle", "Portail 50%"]) + (f" {number}" if number % 3 else ""),
        city=dice.choice(["Vevey", "Nyon", "Genève"]),
        canton=dice.choice(["VD", "GE", ""]),
        source=dice.choice(["Salon", "Site web"]),
        state=state,
        owner_id=dice.choice(owners),
        received_at=received,
        closed_at=received if closed else None,
        lost_reason="trop cher" if state is LeadState.LOST else "",
        expected_amount=Decimal(dice.randrange(5)) if dice.random() < 0.7 else None,
        next_step_date=date(2026, 12, dice.randrange(1, 4)) if dice.random() < 0.5 else None,
        custom={
            "job": dice.choice(["artisan", "paysan", None]),
            "area": dice.choice([Decimal("1.5"), Decimal(20), None]),
        },
    )


@pytest.fixture
def seller(people: People, clock: datetime) -> Actor:
    """Somebody who asks, with a list of leads to ask about."""
    seller, dice = people[Role.SALES], random.Random(3)
    for key, kind in (("job", FieldType.TEXT), ("area", FieldType.NUMBER)):
        do(seller, define_field, kind="lead", key=key, label=key, type=kind, at=clock)
    owners = [None, seller.user_id, people[Role.MANAGER].user_id]
    drafts = [draft(number, dice, owners) for number in range(N)]
    ids = do(seller, add_leads, drafts=drafts, import_id=None, at=clock)
    with transaction() as session:
        score_some(session, ids, dice, clock)
    return seller


def score_some(session: Session, ids: list[UUID], dice: random.Random, clock: datetime) -> None:
    """Give two leads of three a score, many of them the same."""
    rows = [
        {
            "model": "lead_score",
            "subject_kind": "lead",
            "subject_id": lead_id,
            "probability": dice.choice([0.1, 0.5, 0.9]),
            "low": 0.05,
            "high": 0.95,
            "rung": "model",
            "n_similar": 4,
            "n_similar_won": 1,
            "reasons": [{"text": "Salon", "points": 12}],
            "scored_at": clock,
        }
        for number, lead_id in enumerate(ids)
        if number % 3
    ]
    session.connection().execute(insert(CurrentPrediction), rows)


@pytest.fixture(params=["few", "walk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of reading a page must give the same."""
    monkeypatch.setattr(queries, "FEW", 1000 if request.param == "few" else -1)
    monkeypatch.setattr(search, "LISTED", 4000 if request.param == "few" else 0)
    return str(request.param)


def page(by: Actor, request: ListRequest) -> ListPage:
    """Ask for a page as a screen does."""
    return ask(by, lead_page, request=request, by=by)


def all_pages(by: Actor, request: ListRequest) -> Iterator[ListPage]:
    """Follow the cursors to the end."""
    found = page(by, request)
    yield found
    while found.has_more:
        found = page(by, replace(request, cursor=read_request(f"cursor={found.last}").cursor, want_counts=False))
        yield found


def everything(by: Actor) -> list[ListRow]:
    """Return every lead in one page, for brute force."""
    return page(by, ListRequest(size=200)).rows


def order_value(row: ListRow, sort: str) -> object:
    """Return what a row is ordered by, None when it comes last."""
    states = {state: i for i, state in enumerate(LeadState)}
    values = {
        "name": fold(row.name),
        "company": fold(row.company_name),
        "city": fold(row.city),
        "received": row.received_at,
        "amount": Decimal(-1) if row.expected_amount is None else row.expected_amount,
        "state": states[row.state],
        "owner": row.owner_name or None,
        "next": row.next_step_date.isoformat() if row.next_step_date else "9999",
        "probability": row.probability,
        "source": row.source,
        "exchanges": row.exchanges,
        "custom.job": row.custom.get("job"),
        "custom.area": row.custom.get("area"),
    }
    return values[sort]


class TestLeadPage:
    @pytest.mark.parametrize("falls", ["", "-"])
    @pytest.mark.parametrize("sort", SORTS)
    def test_pages_forward_and_back_give_the_whole_order(self, sort: str, falls: str, seller: Actor, way: str) -> None:
        asked = ListRequest(sort=falls + sort, size=25)
        pages = list(all_pages(seller, asked))
        rows = [row for one in pages for row in one.rows]

        values = [order_value(row, sort) for row in rows]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=bool(falls))  # type: ignore[type-var]
        assert values[: len(known)] == known
        assert len({row.lead_id for row in rows}) == N

        back = page(seller, replace(asked, cursor=read_request(f"cursor={pages[2].first}").cursor, back=True))
        assert [row.lead_id for row in back.rows] == [row.lead_id for row in pages[1].rows]

    def test_counts_are_those_of_brute_force(self, seller: Actor, way: str) -> None:
        rows = everything(seller)
        chosen = ListRequest(state=("new", "lost"), canton=("VD",), search="garage")

        found = page(seller, chosen)

        garage = [row for row in rows if "garage" in fold(row.name)]
        fits = [row for row in garage if row.state in ("new", "lost") and row.canton == "VD"]
        assert found.total == len(fits)
        assert found.amount == sum((row.expected_amount or Decimal(0) for row in fits), Decimal(0))
        assert found.chips is not None
        of_vd = [row.state for row in garage if row.canton == "VD"]
        assert found.chips["state"] == {state: of_vd.count(LeadState(state)) for state in set(of_vd)}
        assert sum(found.chips["canton"].values()) == len([row for row in garage if row.state in ("new", "lost")])

    @pytest.mark.parametrize(
        ("search", "fits"),
        [
            ("oeuvray", lambda row: "Œuvray" in row.name),
            ("ŒUVRAY garage", lambda row: "Œuvray" in row.name),
            ("echelle", lambda row: "Échelle" in row.name),
            ("0%", lambda row: "50%" in row.name),
            ("ga", lambda row: "Garage" in row.name),
            ("021 555 01 42", lambda row: True),
            ('"', lambda row: False),
            ("geneve", lambda row: row.city == "Genève"),
        ],
    )
    def test_search_finds_what_contains_every_fragment(
        self, search: str, fits: object, seller: Actor, way: str
    ) -> None:
        expected = {row.lead_id for row in everything(seller) if fits(row)}  # type: ignore[operator]

        found = [row.lead_id for one in all_pages(seller, ListRequest(search=search, size=50)) for row in one.rows]

        assert len(found) == len(expected)
        assert set(found) == expected

    @pytest.mark.parametrize(
        ("condition", "fits"),
        [
            (CustomFilter("job", "is", "Artisan"), lambda row: row.custom["job"] == "artisan"),
            (CustomFilter("job", "contains", "san"), lambda row: row.custom["job"] is not None),
            (CustomFilter("area", "from", "1'0"), lambda row: (row.custom["area"] or 0) >= 10),
            (CustomFilter("area", "to", "1,5"), lambda row: row.custom["area"] == Decimal("1.5")),
        ],
    )
    def test_custom_filters_are_typed(self, condition: CustomFilter, fits: object, seller: Actor, way: str) -> None:
        found = page(seller, ListRequest(custom=(condition,)))

        assert found.total == len([row for row in everything(seller) if fits(row)])  # type: ignore[operator]

    def test_score_band_and_days_narrow(self, seller: Actor, way: str) -> None:
        rows = everything(seller)

        band = page(seller, ListRequest(score_from=0.4, score_to=0.6))
        days = page(seller, read_request("from=2026-11-03&to=2026-11-03"))

        assert band.total == len([row for row in rows if row.probability == 0.5])
        assert days.total == len(
            [row for row in rows if row.received_at.astimezone(SWISS_TIME).date() == date(2026, 11, 3)]
        )

    def test_an_owner_can_be_nobody(self, seller: Actor, way: str) -> None:
        found = page(seller, read_request(f"owner=none&owner={seller.user_id}"))

        assert {row.owner_name for row in found.rows} == {"", "Sales"}

    def test_a_row_that_left_does_not_break_paging(self, seller: Actor, clock: datetime, way: str) -> None:
        asked = ListRequest(owner=("none",), sort="name", size=10, want_counts=False)
        first = page(seller, asked)
        do(seller, assign_leads, lead_ids=[first.rows[-1].lead_id], owner_id=seller.user_id, at=clock)

        second = page(seller, replace(asked, cursor=read_request(f"cursor={first.last}").cursor))

        assert [fold(row.name) for row in second.rows] == sorted(fold(row.name) for row in second.rows)
        assert not {row.lead_id for row in first.rows} & {row.lead_id for row in second.rows}
        assert fold(second.rows[0].name) >= fold(first.rows[-1].name)


class TestFieldPolicy:
    @pytest.fixture
    def closed_field(self, people: People, seller: Actor, clock: datetime) -> str:
        """A field that only managers may read."""
        manager = people[Role.MANAGER]
        given = {"kind": "lead", "key": "margin", "label": "Marge", "type": FieldType.TEXT, "at": clock}
        do(manager, define_field, permission="access.read_users", **given)
        secretly = make_draft(name="Secrète", custom={"margin": "confidentielle"})
        do(manager, add_leads, drafts=[secretly], import_id=None, at=clock)
        return "margin"

    def test_a_closed_field_is_nowhere(self, closed_field: str, people: People, seller: Actor) -> None:
        seen = page(seller, ListRequest(search="secrete")).rows[0].custom
        assert closed_field not in seen
        assert page(people[Role.MANAGER], ListRequest(search="secrete")).rows[0].custom[closed_field]
        assert page(seller, ListRequest(search="confidentielle")).total == 0
        with pytest.raises(NotFound, match="margin"):
            page(seller, ListRequest(custom=(CustomFilter(closed_field, "is", "x"),)))
        with pytest.raises(NotFound, match="margin"):
            page(seller, ListRequest(sort=f"custom.{closed_field}"))

    def test_a_reason_that_speaks_of_a_closed_field_is_not_told(
        self, closed_field: str, people: People, seller: Actor, clock: datetime
    ) -> None:
        row = page(seller, ListRequest(search="secrete")).rows[0]
        reasons = [{"text": "Marge : haute", "points": 9, "column": closed_field}, {"text": "Salon", "points": 4}]
        with transaction() as session:
            score_some(session, [row.lead_id, row.lead_id], random.Random(1), clock)
            session.get_one(CurrentPrediction, ("lead_score", "lead", row.lead_id)).reasons = reasons

        told = [page(by, ListRequest(search="secrete")).rows[0].first_reason for by in (seller, people[Role.MANAGER])]

        assert [reason["text"] for reason in told if reason] == ["Salon", "Marge : haute"]
        score = ask(seller, lead_detail, lead_id=row.lead_id, by=seller).score
        assert score is not None
        assert [reason["text"] for reason in score.reasons] == ["Salon"]


class TestLeadsOfView:
    def test_gives_the_rows_of_the_list_in_its_order(self, seller: Actor, way: str) -> None:
        asked = ListRequest(sort="-amount", canton=("VD",), size=10)
        shown = [row.lead_id for one in all_pages(seller, asked) for row in one.rows]

        with transaction() as session:
            exported = [row.lead_id for row in leads_of_view(session, request=asked, by=seller)]

        assert exported == shown

    def test_refuses_who_may_not_export(self, people: People, seller: Actor) -> None:
        with pytest.raises(NotAllowed):
            ask(people[Role.ANALYST], leads_of_view, request=ListRequest(), by=people[Role.ANALYST])


class TestReadRequest:
    @pytest.mark.parametrize(
        "query",
        [
            "sort=shoe_size",
            "state=dreaming",
            "owner=x",
            "score_from=7",
            "score_to=x",
            "from=hier",
            "size=x",
            "cursor=x",
        ],
    )
    def test_names_what_it_cannot_understand(self, query: str) -> None:
        with pytest.raises(BadInput):
            read_request(query)

    def test_reads_back_what_it_wrote(self) -> None:
        from db.crm.leads.listing.rules import query_string

        asked = ListRequest(
            search="œuvre & co",
            state=("new", "lost"),
            source=("Site, web",),
            score_from=0.7,
            received_to=date(2026, 1, 31),
            custom=(CustomFilter("job", "contains", "a:b"),),
            sort="-amount",
        )

        assert read_request(query_string(asked)) == asked
