"""Buttons, files' headers, addresses and places of the story."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.crm.opportunity import STEPS
from app.records.buttons import steps_offered
from app.records.files import headers_of
from app.records.kinds import address_of, place_of
from app.records.story import Line, cursor_text, one_page, read_cursor, size_text
from db.access.rules import Actor, Role
from db.crm.opportunities.rules import OPPORTUNITY_LIFE, OpportunityState
from db.documents.attachments.queries import Attachment
from db.kernel.errors import NotFound

SELLER = Actor(UUID(int=1), "Nadia", frozenset({Role.SALES}))
READER = Actor(UUID(int=2), "Yasmin", frozenset({Role.ANALYST}))
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def make_file(media_type: str) -> Attachment:
    """Return a file."""
    return Attachment(UUID(int=1), "lead", UUID(int=2), 'dé "x".pdf', "0" * 64, 9, media_type, None, "Nadia", AT)


class TestStepsOffered:
    @pytest.mark.parametrize(
        ("state", "verbs"),
        [
            (OpportunityState.OPEN, ["edit", "lose", "win"]),
            (OpportunityState.WON, ["reopen"]),
            (OpportunityState.LOST, ["reopen"]),
        ],
    )
    def test_come_from_the_life_of_the_document(self, state: OpportunityState, verbs: list[str]) -> None:
        assert [step.verb for step in steps_offered(OPPORTUNITY_LIFE, state, STEPS, SELLER)] == verbs

    def test_come_from_the_persons_rights(self) -> None:
        assert steps_offered(OPPORTUNITY_LIFE, OpportunityState.OPEN, STEPS, READER) == []


class TestHeadersOf:
    def test_show_pictures_in_a_sandbox(self) -> None:
        headers = headers_of(make_file("image/png"), as_download=False)

        assert headers["content-disposition"].startswith("inline; filename*=UTF-8''d%C3%A9%20%22x%22.pdf")
        assert "sandbox" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(("media_type", "asked"), [("application/octet-stream", False), ("image/png", True)])
    def test_hand_out_all_else(self, media_type: str, asked: bool) -> None:
        headers = headers_of(make_file(media_type), as_download=asked)

        assert headers["content-disposition"].startswith("attachment")

    def test_let_no_script_run_in_a_pdf(self) -> None:
        assert (
            "script-src 'none'"
            in headers_of(make_file("application/pdf"), as_download=False)["content-security-policy"]
        )


class TestPlaceOf:
    def test_is_what_the_address_says(self) -> None:
        assert place_of(address_of("opportunity", UUID(int=7))) == ("opportunity", UUID(int=7))

    @pytest.mark.parametrize("path", ["/", "/pistes", "/pistes/x", "/ailleurs/00000000-0000-0000-0000-000000000007"])
    def test_refuses_what_is_no_record(self, path: str) -> None:
        with pytest.raises(NotFound):
            place_of(path)


class TestReadCursor:
    def test_reads_what_was_told(self) -> None:
        assert read_cursor(cursor_text((AT, UUID(int=3)))) == (AT, UUID(int=3))

    @pytest.mark.parametrize(
        "text", ["", "x", "2026-11-24T08:00:00|", "2026-11-24|00000000-0000-0000-0000-000000000003"]
    )
    def test_takes_anything_else_for_none(self, text: str) -> None:
        assert read_cursor(text) is None


def at_hour(hour: int) -> tuple[tuple[datetime, UUID], list[Line]]:
    """Return a line of the story at an hour."""
    line = Line(str(hour), "", "flag", str(hour), "")
    return (AT.replace(hour=hour), UUID(int=hour)), [line]


class TestOnePage:
    def test_shows_the_newest_of_all_sources(self) -> None:
        lines, after = one_page([at_hour(3), at_hour(9), at_hour(5)], None, 2, is_full=False)

        assert [line.text for line in lines] == ["9", "5"]
        assert read_cursor(after) == at_hour(5)[0]

    def test_holds_back_what_is_older_than_lines_yet_to_be_read(self) -> None:
        lines, after = one_page([at_hour(9), at_hour(2)], at_hour(6)[0], 30, is_full=False)

        assert [line.text for line in lines] == ["9"]
        assert read_cursor(after) == at_hour(9)[0]

    def test_ends(self) -> None:
        assert one_page([at_hour(9)], None, 30, is_full=False)[1] == ""


class TestSizeText:
    def test_says_kilobytes_and_megabytes(self) -> None:
        assert (size_text(300, "fr"), size_text(3_600_000, "fr")) == ("1\u00a0Ko", "3.4\u00a0Mo")
