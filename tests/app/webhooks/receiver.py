"""A program that receives webhooks, as its author would write it: it knows the standard, not our code."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST = 60.0  # seconds; a test that waits so long has failed


@dataclass
class Receiver:
    """What a program got. `answers` are the statuses that it gives, in turn; afterwards 204."""

    url: str = ""
    secret: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    handled: dict[str, dict[str, Any]] = field(default_factory=dict)  # each message once, by its id
    news: threading.Condition = field(default_factory=threading.Condition)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Check the signature, handle a message once, and answer."""
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.split("_", 1)[1])
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        genuine = any(
            hmac.compare_digest(one.removeprefix("v1,"), expected) for one in headers["webhook-signature"].split(" ")
        )
        self.got.append({"id": headers["webhook-id"], "genuine": genuine, "body": json.loads(body)})
        status = self.answers.pop(0) if self.answers else 204
        if genuine and status < 300:
            with self.news:
                self.handled.setdefault(headers["webhook-id"], json.loads(body))
                self.news.notify_all()
        return status

    def handles(self, count: int) -> bool:
        """Wait until so many messages are handled; return whether they were."""
        with self.news:
            return self.news.wait_for(lambda: len(self.handled) >= count, LONGEST)


@contextmanager
def receiving(waits_for: threading.Event | None = None) -> Iterator[Receiver]:
    """Run a receiver on a free port of this machine; one that waits answers nothing before that."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if waits_for is not None:
                waits_for.wait(LONGEST)
            self.send_response(receiver.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
