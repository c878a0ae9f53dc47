"""The gate alone, with an application behind it that only counts."""

import json
from typing import Any

import pytest

from app.edge.gate import MOST_BODY_BYTES, AsgiApp, BodyTooLarge, Gate, Message, NotSignedIn, in_json
from app.edge.headers import security_headers
from tests.alone import run_alone

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


def ask(application: AsgiApp, *, parts: tuple[bytes, ...] = (b"",), kind: str = "http", **headers: str) -> Message:
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

    run_alone(gate(scope, receive, send))
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

    @pytest.mark.parametrize("path", ["/x/../api", "/./x", "//evil", "/x//y", "/x/..", "/x/%2e%2e/y", "/x\\..\\y"])
    @pytest.mark.parametrize("kind", ["http", "websocket"])
    def test_refuses_paths_that_lead_elsewhere(self, path: str, kind: str) -> None:
        application = Counting()

        answer = ask(application, kind=kind, _path=path, origin="http://ours")

        assert (answer.get("status", 404), application.calls) == (404, 0)

    @pytest.mark.parametrize("path", ["/", "/pistes/", "/assets/a..b.js", "/.well-known/x", "/_event/"])
    def test_lets_other_paths_through(self, path: str) -> None:
        assert ask(Counting(), _path=path)["status"] == 200


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


class Forgiving:
    """An application that makes a 400 of whatever happens while it reads, as FastAPI does."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status = 200
        try:
            while (await receive()).get("more_body"):
                pass
        except Exception:  # noqa: BLE001 - that is the point
            status = 400
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class TestBodies:
    KEY = {"authorization": "Bearer key", "_method": "POST"}
    HAND_IN = "/api/v1/models/lead_score/hand-ins"

    @pytest.mark.parametrize("path", ["/", "/auth/sign-in", "/api/v1/leads", "/_health"])
    def test_of_any_request_are_refused_when_they_announce_too_much(self, path: str) -> None:
        application = Counting()

        answer = ask(application, **self.KEY, _path=path, content_length=str(MOST_BODY_BYTES + 1))

        assert (answer["status"], application.calls) == (413, 0)

    @pytest.mark.parametrize("length", ["-1", "1e9", "²", "9" * 5000])
    def test_are_refused_with_a_length_that_is_none(self, length: str) -> None:
        assert ask(Counting(), _method="POST", content_length=length)["status"] == 413

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
    def test_without_a_length_are_cut_at_the_limit(self, method: str) -> None:
        parts = (b"x" * MOST_BODY_BYTES, b"x", b"x" * 10)

        assert ask(Counting(), parts=parts, _method=method, authorization="Bearer key")["status"] == 413
        assert ask(Counting(), parts=parts[:1], _method=method, authorization="Bearer key")["status"] == 200

    def test_that_are_cut_are_told_so_even_if_the_application_says_otherwise(self) -> None:
        assert ask(Forgiving(), parts=(b"x" * (MOST_BODY_BYTES + 1),), _method="POST")["status"] == 413

    def test_of_hand_ins_may_be_as_large_as_an_upload(self) -> None:
        assert ask(Counting(), **self.KEY, _path=self.HAND_IN, parts=(b"x" * MOST,))["status"] == 200
        assert ask(Counting(), **self.KEY, _path=self.HAND_IN, parts=(b"x" * MOST, b"x"))["status"] == 413

    @pytest.mark.parametrize("headers", [{}, {"authorization": "Basic x"}, {"authorization": "Bearer"}])
    @pytest.mark.parametrize("path", [HAND_IN, "/api/v1/leads", "/api/other"])
    def test_are_not_read_by_the_api_without_a_key(self, path: str, headers: dict[str, str]) -> None:
        application = Counting()

        answer = ask(application, _method="POST", _path=path, **headers)

        assert (answer["status"], application.calls) == (401, 0)
        assert {(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")} <= set(answer["headers"])

    def test_are_refused_by_the_api_in_json(self) -> None:
        assert json.loads(in_json(BodyTooLarge(MOST_BODY_BYTES))) == {
            "error": "RequestEntityTooLarge",
            "message": "L'envoi dépasse 1 Mo. Le partager en plusieurs.",
            "params": {},
        }
        assert json.loads(in_json(NotSignedIn()))["error"] == "NotSignedIn"

    def test_are_no_question_when_somebody_reads_the_api(self) -> None:
        assert ask(Counting(), _path="/api/v1/docs")["status"] == 200


class TestSecurityHeaders:
    def test_tell_browsers_to_stay_on_tls_only_where_there_is_tls(self) -> None:
        assert b"strict-transport-security" not in security_headers([], origins=["http://127.0.0.1:3000"])
        assert b"strict-transport-security" in security_headers([], origins=["https://crm.example.ch"])
