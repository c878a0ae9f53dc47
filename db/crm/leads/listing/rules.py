"""What one may ask of the list of leads, and how it is written in an address."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from db.crm.leads.rules import LeadState
from db.kernel.errors import BadInput
from db.records.custom_fields.rules import PREFIX, Value, read_date
from db.records.listing.rules import CustomFilter, custom_filters, custom_group

NOBODY = "none"  # the owner of leads that have none
LARGEST_PAGE = 200
USUAL_PAGE = 50
CUSTOM = PREFIX
FACET_FIELDS = {"state": "state", "owner": "owner_id", "source": "source", "canton": "canton"}
FACET_NAMES = tuple(FACET_FIELDS)
SORT_FIELDS = {
    "company": "company_name",
    "person": "person_name",
    "received": "received_at",
    "next": "next_step_date",
    "amount": "expected_amount",
    "owner": "owner_id",
}  # the column that an order tells about, where it is not called like the order
SORTS = [
    "name",
    "company",
    "person",
    "city",
    "postal_code",
    "canton",
    "source",
    "email",
    "phone",
    "received",
    "exchanges",
    "next",
    "amount",
    "state",
    "owner",
    "probability",
]


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after (or before) this row of this part of the order; `few` repeats the way of reading."""

    part: int
    value: Any
    lead_id: str
    few: bool

    def text(self) -> str:
        """Return the cursor for an address."""
        given = json.dumps([self.part, self.value, self.lead_id, self.few], separators=(",", ":"))
        return urlsafe_b64encode(given.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class ListRequest:
    """A search, its filters, the order, and which page. Values of one facet are alternatives; facets add up.

    `score_from`/`score_to` are probabilities, `received_from`/`received_to` days in Switzerland, both included.
    """

    search: str = ""
    state: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    canton: tuple[str, ...] = ()
    score_from: float | None = None
    score_to: float | None = None
    received_from: date | None = None
    received_to: date | None = None
    custom: tuple[CustomFilter, ...] = ()
    group: str = ""  # the custom field whose groups are to be counted
    import_id: UUID | None = None  # only leads that this import made or changed
    sort: str = "-probability"
    cursor: Cursor | None = None
    back: bool = False
    size: int = USUAL_PAGE
    want_counts: bool = True

    @property
    def sort_key(self) -> str:
        """Return the column that orders the list."""
        return self.sort.removeprefix("-")

    @property
    def falls(self) -> bool:
        """Test if the largest come first."""
        return self.sort.startswith("-")

    def facet(self, name: str) -> tuple[str, ...]:
        """Return the chosen values of a facet."""
        chosen: tuple[str, ...] = getattr(self, name)
        return chosen


@dataclass(frozen=True)
class ListRow:
    """One lead as the list shows it; a field that the reader may not see is empty."""

    lead_id: UUID
    row_version: int
    name: str
    person_name: str
    company_name: str
    email: str
    phone: str
    postal_code: str
    city: str
    canton: str
    source: str
    state: LeadState
    owner_id: UUID | None
    owner_name: str
    expected_amount: Decimal | None
    next_step: str
    next_step_date: date | None
    received_at: datetime
    closed_at: datetime | None
    exchanges: int
    last_exchange_at: datetime | None
    custom: dict[str, Value]
    probability: float | None = None
    low: float | None = None
    high: float | None = None
    rung: str = ""
    version: int | None = None
    first_reason: dict[str, Any] | None = None

    @property
    def record_id(self) -> UUID:
        """Return the lead's id, as every list calls it."""
        return self.lead_id


@dataclass(frozen=True)
class ListPage:
    """One page. Counts (`total`, `amount`, `chips`) are None when they were not asked for.

    They are exact unless `is_capped`: a search found more than is counted, and only `total` says how far was counted.
    """

    rows: list[ListRow]
    first: str
    last: str
    has_more: bool
    total: int | None
    amount: Decimal | None
    chips: dict[str, dict[str, int]] | None
    is_capped: bool = False


def read_request(query: str | Mapping[str, list[str]]) -> ListRequest:
    """Return the request that an address holds.

    Raises: BadInput: naming the part that cannot be understood.
    """
    given = parse_qs(query.lstrip("?"), keep_blank_values=True) if isinstance(query, str) else query
    one = {key: values[-1] for key, values in given.items() if values}
    return check_request(
        ListRequest(
            search=one.get("q", "")[:200],
            state=tuple(given.get("state", ())),
            owner=tuple(given.get("owner", ())),
            source=tuple(given.get("source", ())),
            canton=tuple(given.get("canton", ())),
            score_from=_share(one.get("score_from")),
            score_to=_share(one.get("score_to")),
            received_from=_day(one.get("from")),
            received_to=_day(one.get("to")),
            custom=custom_filters(given),
            group=custom_group(one),
            import_id=_import(one.get("import")),
            sort=one.get("sort") or "-probability",
            cursor=_cursor(one.get("cursor")),
            back=one.get("back") == "1",
            size=_size(one.get("size")),
        )
    )


def check_request(request: ListRequest) -> ListRequest:
    """Return the request when it can be answered.

    Raises: BadInput.
    """
    if request.sort_key not in SORTS and not request.sort_key.startswith(CUSTOM):
        raise BadInput("La liste ne se trie pas par « {sort} ».", sort=request.sort_key)
    for state in request.state:
        if state not in set(LeadState):
            raise BadInput("« {state} » n’est pas un état de piste.", state=state)
    for owner in request.owner:
        _owner(owner)
    return replace(request, size=max(1, min(request.size, LARGEST_PAGE)))


def query_string(request: ListRequest) -> str:
    """Return the address of a request, without its page."""
    pairs: list[tuple[str, str]] = [("q", request.search)] if request.search else []
    for name in FACET_NAMES:
        pairs += [(name, value) for value in request.facet(name)]
    named = {
        "score_from": request.score_from,
        "score_to": request.score_to,
        "from": request.received_from,
        "to": request.received_to,
        "import": request.import_id,
    }
    pairs += [(key, str(value)) for key, value in named.items() if value is not None]
    pairs += [(CUSTOM + condition.key, f"{condition.operator}:{condition.value}") for condition in request.custom]
    if request.sort != "-probability":
        pairs.append(("sort", request.sort))
    return urlencode(pairs)


def _share(text: str | None) -> float | None:
    if not text:
        return None
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadInput("« {text} » n’est pas une probabilité entre 0 et 1.", text=text)
    return share


def _day(text: str | None) -> date | None:
    return read_date(text) if text else None


def _size(text: str | None) -> int:
    try:
        return int(text) if text else USUAL_PAGE
    except ValueError:
        raise BadInput("« {text} » n’est pas une taille de page.", text=text) from None


def _import(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise BadInput("« {text} » ne désigne aucun import.", text=text) from None


def _owner(text: str) -> None:
    if text == NOBODY:
        return
    try:
        UUID(text)
    except ValueError:
        raise BadInput("« {text} » ne désigne personne.", text=text) from None


def _cursor(text: str | None) -> Cursor | None:
    if not text:
        return None
    try:
        part, value, lead_id, few = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(int(part), value, UUID(lead_id).hex, bool(few))
    except (ValueError, TypeError):
        raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.") from None
