"""Hands one message to another program over HTTP: to an address that was checked, without following it elsewhere."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from db.jobs.webhooks.rules import UnsafeAddress, check_address

TIMEOUT_SECONDS = 10
WHOLE_SECONDS = 25.0  # a program that answers byte by byte has no longer either; well within the lease of a sending
MOST_READ = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """What came back: a status, or why nothing did (French)."""

    status: int | None
    problem: str
    milliseconds: int


def hand_over(url: str, body: bytes, headers: Mapping[str, str], *, allows_private: bool) -> Reply:
    """Post a message and return what came back; a redirection is an answer, not a way to go."""
    began = time.monotonic()
    status, problem = None, ""
    try:
        status = _post(url, body, headers, allows_private)
    except UnsafeAddress as refusal:
        problem = refusal.sentence
    except (OSError, http.client.HTTPException, UnicodeError) as trouble:
        problem = _in_words(trouble)
    return Reply(status, problem, round((time.monotonic() - began) * 1000))


def _post(url: str, body: bytes, headers: Mapping[str, str], allows_private: bool) -> int:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolved(host, port, allows_private)
    reached = socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
    with _at_most(WHOLE_SECONDS, reached):
        connection = _connection(parts.scheme, host, port, reached)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {**headers, "Connection": "close"})
            answer = connection.getresponse()
            answer.read(MOST_READ)
            return answer.status
        finally:
            connection.close()


@contextmanager
def _at_most(seconds: float, reached: socket.socket) -> Iterator[None]:
    """Let an exchange over a connection take so long and no longer, however slowly it goes on.

    Raises:
        TimeoutError: it was cut.
    """
    over = threading.Event()

    def cut() -> None:
        over.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    line = reached.dup()  # TLS takes the first one over
    clock = threading.Timer(seconds, cut)
    clock.daemon = True
    clock.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        clock.cancel()
        line.close()
    if over.is_set():
        raise TimeoutError


def _resolved(host: str, port: int, allows_private: bool) -> str:
    """Return the address of a host, once: what is checked is what is connected to.

    Raises:
        UnsafeAddress: one of its addresses is not allowed.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        check_address(address, allows_private=allows_private)
    return found[0]


def _connection(scheme: str, host: str, port: int, reached: socket.socket) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.sock = (
            ssl.create_default_context().wrap_socket(reached, server_hostname=host) if scheme == "https" else reached
        )
    except BaseException:
        reached.close()
        raise
    if scheme == "https":
        connection.default_port = 443  # so that the Host header names no port that goes without saying
    return connection


def _in_words(trouble: Exception) -> str:
    if isinstance(trouble, TimeoutError):
        return "Pas de réponse complète à temps."
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return "Le certificat du serveur n’est pas valable."
    if isinstance(trouble, socket.gaierror):
        return "Le nom du serveur n’existe pas."
    if isinstance(trouble, ConnectionRefusedError):
        return "Le serveur refuse la connexion."
    return f"La connexion a échoué ({type(trouble).__name__})."
