"""Hands one message to another program over HTTP: to an address that was checked, without following it elsewhere."""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from db.jobs.webhooks.rules import UnsafeAddress, check_address

TIMEOUT_SECONDS = 10
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
        problem = str(refusal)
    except (OSError, http.client.HTTPException, UnicodeError) as trouble:
        problem = _in_words(trouble)
    return Reply(status, problem, round((time.monotonic() - began) * 1000))


def _post(url: str, body: bytes, headers: Mapping[str, str], allows_private: bool) -> int:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolved(host, port, allows_private)
    connection = _connection(parts.scheme, host, port, address)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        answer.read(MOST_READ)
        return answer.status
    finally:
        connection.close()


def _resolved(host: str, port: int, allows_private: bool) -> str:
    """Return the address of a host, once: what is checked is what is connected to.

    Raises:
        UnsafeAddress: one of its addresses is not allowed.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        check_address(address, allows_private=allows_private)
    return found[0]


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    reached = socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
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
        return f"Pas de réponse en {TIMEOUT_SECONDS} s."
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return "Le certificat du serveur n’est pas valable."
    if isinstance(trouble, socket.gaierror):
        return "Le nom du serveur n’existe pas."
    if isinstance(trouble, ConnectionRefusedError):
        return "Le serveur refuse la connexion."
    return f"La connexion a échoué ({type(trouble).__name__})."
