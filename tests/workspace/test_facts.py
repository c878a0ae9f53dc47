"""Leads as a table: the same answers and the same fingerprint wherever they come from."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from workspace.facts import Answer, answer_text, fingerprint, lead_table

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Known:
    lead_id: UUID
    received_at: datetime = NOON
    closed_at: datetime | None = None
    won: bool | None = None
    fields: dict[str, Answer] = field(default_factory=dict)


SIGNED = Known(
    UUID(int=2), NOON, NOON + timedelta(days=3), True, {"source": "Salon", "expected_amount": Decimal("1200.00")}
)
OPEN = Known(UUID(int=1), NOON - timedelta(days=1), fields={"source": "Site", "has_email": True})


class TestAnswerText:
    @pytest.mark.parametrize(
        ("answer", "text"),
        [
            (Decimal("1200.00"), "1200"),
            (Decimal("1200"), "1200"),
            (Decimal("0.50"), "0.5"),
            (Decimal("-0.00"), "0"),
            (True, "oui"),
            (date(2026, 1, 31), "2026-01-31"),
            ("Salon", "Salon"),
            ("", None),
            (None, None),
        ],
    )
    def test_is_the_same_for_equal_values(self, answer: Answer, text: str | None) -> None:
        assert answer_text(answer) == text


class TestLeadTable:
    def test_orders_by_reception_and_keeps_outcomes_apart(self) -> None:
        table = lead_table([SIGNED, OPEN])

        assert list(table.answers.index) == [str(OPEN.lead_id), str(SIGNED.lead_id)]
        assert list(table.answers.columns) == ["expected_amount", "has_email", "source"]
        assert list(table.is_closed) == [False, True]
        assert table.outcomes["won"].tolist() == [None, True]

    def test_gives_the_columns_of_a_model_to_leads_that_lack_them(self) -> None:
        table = lead_table([OPEN], columns=["source", "branch"])

        assert table.answers.to_dict("records") == [{"source": "Site", "branch": None}]

    def test_is_empty_for_no_leads(self) -> None:
        assert lead_table([], columns=["source"]).answers.shape == (0, 1)


class TestFingerprint:
    def test_does_not_depend_on_order_time_zone_or_written_zeros(self) -> None:
        zurich = timezone(timedelta(hours=1))
        same = replace(
            SIGNED, received_at=NOON.astimezone(zurich), fields={"expected_amount": Decimal("1200"), "source": "Salon"}
        )

        one = fingerprint([SIGNED, OPEN], columns=["source", "expected_amount"])

        assert fingerprint([OPEN, same], columns=["expected_amount", "source"]) == one

    @pytest.mark.parametrize(
        "changed",
        [replace(SIGNED, won=False), replace(SIGNED, closed_at=NOON), replace(SIGNED, fields={"source": "Autre"})],
    )
    def test_changes_with_anything_that_was_known(self, changed: Known) -> None:
        columns = ["source", "expected_amount"]

        assert fingerprint([changed], columns=columns) != fingerprint([SIGNED], columns=columns)

    def test_ignores_what_the_analyst_could_not_read(self) -> None:
        with_more = replace(SIGNED, fields={**SIGNED.fields, "salary": Decimal(1)})

        assert fingerprint([with_more], columns=["source"]) == fingerprint([SIGNED], columns=["source"])
