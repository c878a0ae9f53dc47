"""The gate alone, with an application behind it that only counts."""

import asyncio
from typing import Any

import pytest

from app.edge.gate import Gate, Message
from app.edge.headers import security_headers

MOST = 1000


class Counting:
    """An application that reads the whole body and answers 200."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        while (await receive()).get("more_body"):
            pass
        own = [(b"content-security-policy", b"sandbox")]
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b""})


def ask(application: Counting, *, parts: tuple[bytes, ...] = (b"",), kind: str = "http", **headers: str) -> Message:
    """Send one request (`_path`, `_method` beside headers) through the gate and return how the answer begins."""
    gate = Gate(
        application,
        origins=frozenset({"http://ours"}),
        hosts=frozenset({"ours"}),
        headers={b"content-security-policy": b"default-src 'self'", b"referrer-policy": b"same-origin"},
        is_signed_in=lambda cookie: "boussole_session=anne" in cookie,
        most_upload_bytes=MOST,
    )
    sent = {"host": "ours", **{name.replace("_", "-"): value for name, value in headers.items() if name[0] != "_"}}
    scope = {
        "type": kind,
        "method": headers.get("_method", "GET"),
        "path": headers.get("_path", "/"),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    body = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    body[-1]["more_body"] = False
    answers: list[Message] = []

    async def receive() -> Message:
        return body.pop(0)

    async def send(message: Message) -> None:
        answers.append(message)

    asyncio.run(gate(scope, receive, send))
    return answers[0]


class TestGate:
    def test_keeps_a_policy_that_the_answer_sets_itself_and_adds_what_is_missing(self) -> None:
        headers = ask(Counting())["headers"]

        assert headers[:2] == [(b"content-security-policy", b"sandbox"), (b"referrer-policy", b"same-origin")]

    @pytest.mark.parametrize(("path", "kept"), [("/assets/a-1234.js", b"immutable"), ("/", b"no-cache")])
    def test_lets_browsers_keep_only_what_carries_its_hash(self, path: str, kept: bytes) -> None:
        assert dict(ask(Counting(), _path=path)["headers"])[b"cache-control"].endswith(kept)

    def test_refuses_a_foreign_web_socket_before_it_is_accepted(self) -> None:
        application = Counting()

        answer = ask(application, kind="websocket", origin="http://evil", _path="/_event")

        assert (answer["type"], application.calls) == ("websocket.close", 0)

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 200),  # a program without cookie
            ({"cookie": "boussole_session=anne"}, 403),  # a cookie without origin
            ({"cookie": "boussole_session=anne", "origin": "http://ours"}, 200),
            ({"cookie": "boussole_session=anne", "origin": "null"}, 403),
            ({"cookie": "boussole_session=anne", "sec_fetch_site": "same-origin"}, 200),
            ({"cookie": "boussole_session=anne", "sec_fetch_site": "cross-site"}, 403),
        ],
    )
    def test_lets_only_our_own_pages_post_with_our_cookie(self, headers: dict[str, str], status: int) -> None:
        assert ask(Counting(), _method="POST", **headers)["status"] == status


class TestUploads:
    SIGNED_IN = {"cookie": "boussole_session=anne", "origin": "http://ours", "_method": "POST", "_path": "/_upload"}

    def test_are_refused_to_visitors_before_the_body_is_read(self) -> None:
        application = Counting()

        answer = ask(application, _method="POST", _path="/_upload", content_length="10")

        assert (answer["status"], application.calls) == (401, 0)

    def test_are_refused_when_they_announce_too_much(self) -> None:
        application = Counting()

        answer = ask(application, **self.SIGNED_IN, content_length=str(MOST + 1))

        assert (answer["status"], application.calls) == (413, 0)

    def test_are_cut_when_they_send_more_than_announced(self) -> None:
        answer = ask(Counting(), parts=(b"x" * MOST, b"x"), **self.SIGNED_IN, content_length="10")

        assert answer["status"] == 413

    def test_of_signed_in_people_pass_up_to_the_limit(self) -> None:
        answer = ask(Counting(), parts=(b"x" * MOST,), **self.SIGNED_IN, content_length=str(MOST))

        assert answer["status"] == 200

    def test_are_never_served(self) -> None:
        assert ask(Counting(), _path="/_upload/customers.csv", cookie="boussole_session=anne")["status"] == 404


class TestSecurityHeaders:
    def test_tell_browsers_to_stay_on_tls_only_where_there_is_tls(self) -> None:
        assert b"strict-transport-security" not in security_headers([], origins=["http://127.0.0.1:3000"])
        assert b"strict-transport-security" in security_headers([], origins=["https://crm.example.ch"])
