"""A message goes to the address that was checked and nowhere else, and takes no longer than it may."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.gateways import webhook_out
from app.gateways.webhook_out import WHOLE_SECONDS, hand_over
from db.jobs.webhooks.rules import LEASE

Answering = Callable[[socket.socket], None]


@contextmanager
def program(answer: Answering) -> Iterator[tuple[int, list[bytes]]]:
    """Run a program that answers so; yield its port and what it was sent."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                with caller:
                    got.append(caller.recv(65536))
                    answer(caller)

        threading.Thread(target=serve, daemon=True).start()
        yield door.getsockname()[1], got


def says(text: str) -> Answering:
    return lambda caller: caller.sendall(text.encode())


class TestHandOver:
    def test_takes_a_redirection_for_an_answer_and_does_not_follow_it(self) -> None:
        with program(says("HTTP/1.1 204 No Content\r\n\r\n")) as (elsewhere, never):
            moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{elsewhere}/\r\nContent-Length: 0\r\n\r\n"
            with program(says(moved)) as (port, got):
                reply = hand_over(f"http://127.0.0.1:{port}/", b"{}", {}, allows_private=True)

        assert (reply.status, reply.problem, len(got), never) == (307, "", 1, [])

    @pytest.mark.parametrize("within", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:192.168.1.1"])
    def test_refuses_a_name_that_means_an_address_within(self, within: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(None, None, None, "", (within, 443))])
        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))

        reply = hand_over("https://crm.example/", b"{}", {}, allows_private=False)

        assert reply.status is None
        assert "n’est pas permise" in reply.problem

    def test_refuses_a_name_of_which_one_address_is_within(self, monkeypatch: pytest.MonkeyPatch) -> None:
        both = [(None, None, None, "", (address, 443)) for address in ("93.184.215.14", "192.168.1.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))

        assert "n’est pas permise" in hand_over("https://crm.example/", b"{}", {}, allows_private=False).problem

    def test_connects_to_the_address_that_was_checked_whatever_the_name_means_a_moment_later(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        means, reached = ["93.184.215.14", "127.0.0.1"], []

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            reached.append(address[0])
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(None, None, None, "", (means.pop(0), 443))])
        monkeypatch.setattr(socket, "create_connection", connect)

        reply = hand_over("https://crm.example/", b"{}", {}, allows_private=False)

        assert (reached, means, reply.problem) == (["93.184.215.14"], ["127.0.0.1"], "Le serveur refuse la connexion.")

    def test_cuts_a_program_that_answers_byte_by_byte(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(webhook_out, "WHOLE_SECONDS", 0.5)
        gone = threading.Event()

        def drip(caller: socket.socket) -> None:
            try:
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
                while not gone.wait(0.05):
                    caller.sendall(b".")
            except OSError:
                gone.set()

        with program(drip) as (port, _):
            reply = hand_over(f"http://127.0.0.1:{port}/", b"{}", {}, allows_private=True)
            cut = gone.wait(20)

        assert (reply.status, reply.problem) == (None, "Pas de réponse complète à temps.")
        assert cut

    def test_is_over_before_its_lease(self) -> None:
        assert LEASE.total_seconds() > WHOLE_SECONDS + webhook_out.TIMEOUT_SECONDS
