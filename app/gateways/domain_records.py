"""What a domain says in the DNS about who may send in its name: one question over UDP to this machine's resolver.

Source: RFC 1035, section 4 (messages), RFC 7208 (SPF), RFC 7489 (DMARC).
"""

import secrets
import socket
import struct
from pathlib import Path

from db.kernel.errors import BusinessError

TXT, IN, SECONDS = 16, 1, 4.0
MOST_BYTES = 4096
Resolver = tuple[str, int]


class NoAnswer(BusinessError):
    """The DNS did not answer."""


def resolver_of_this_machine() -> Resolver:
    """Return the first name server that the system uses."""
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.split()[1] for line in lines if line.startswith("nameserver ") and len(line.split()) > 1)
    return next(named, "127.0.0.1"), 53


def texts_of(name: str, resolver: Resolver) -> list[str]:
    """Return the TXT records of a name; none when it has none.

    Raises: NoAnswer: nobody answered, or in a way that cannot be read.
    """
    number = secrets.randbelow(65536)
    family = socket.AF_INET6 if ":" in resolver[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.settimeout(SECONDS)
            asked.connect(resolver)
            asked.send(_question(name, number))
            answer = asked.recv(MOST_BYTES)
        return _texts(answer, number)
    except (OSError, UnicodeError, struct.error, IndexError, ValueError) as problem:
        raise NoAnswer("Le DNS ne répond pas ({kind}).", kind=type(problem).__name__) from problem


def _question(name: str, number: int) -> bytes:
    labels = b"".join(bytes([len(part)]) + part for part in name.encode("idna").split(b".") if part)
    size = struct.pack("!BHHIH", 0, 41, MOST_BYTES, 0, 0)  # EDNS: a longer answer is welcome (RFC 6891)
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 1) + labels + b"\0" + struct.pack("!2H", TXT, IN) + size


def _texts(answer: bytes, number: int) -> list[str]:
    told, flags, questions, answers, *_ = struct.unpack("!6H", answer[:12])
    if told != number:
        raise ValueError("another question's answer")
    if flags & 15 not in (0, 3):  # 3: the name does not exist
        raise ValueError("refused")
    place = 12
    for _ in range(questions):
        place = _after_name(answer, place) + 4
    found = []
    for _ in range(answers):
        place = _after_name(answer, place)
        kind, _, _, length = struct.unpack("!2HIH", answer[place : place + 10])
        place += 10
        if kind == TXT:
            found.append(_joined(answer[place : place + length]))
        place += length
    return found


def _after_name(answer: bytes, place: int) -> int:
    while (length := answer[place]) != 0:
        if length & 0xC0:
            return place + 2
        place += 1 + length
    return place + 1


def _joined(data: bytes) -> str:
    parts, place = [], 0
    while place < len(data):
        parts.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    return b"".join(parts).decode("utf-8", "replace")
