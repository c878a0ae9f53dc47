"""The records of the firm's own domain, asked of a real name server on this machine."""

import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from app.gateways.domain_records import NoAnswer, texts_of
from app.mail.domain import checked_domain


@contextmanager
def name_server(records: Mapping[str, list[str]]) -> Iterator[tuple[str, int]]:
    """Run a name server that knows some TXT records; what it does not know does not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        over = threading.Event()
        listening.settimeout(0.1)

        def serve() -> None:
            while not over.is_set():
                try:
                    asked, sender = listening.recvfrom(4096)
                except TimeoutError:
                    continue
                listening.sendto(answered(asked, records), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            over.set()
            thread.join()


def answered(asked: bytes, records: Mapping[str, list[str]]) -> bytes:
    """Return the answer to a question."""
    labels, place = [], 12
    while asked[place]:
        labels.append(asked[place + 1 : place + 1 + asked[place]].decode())
        place += 1 + asked[place]
    question = asked[12 : place + 5]
    found = records.get(".".join(labels), [])
    head = asked[:2] + struct.pack("!5H", 0x8180 if found else 0x8183, 1, len(found), 0, 0)
    body = b""
    for text in found:
        parts = [text[start : start + 255].encode() for start in range(0, len(text), 255)]
        data = b"".join(bytes([len(part)]) + part for part in parts)
        body += b"\xc0\x0c" + struct.pack("!2HIH", 16, 1, 60, len(data)) + data
    return head + question + body


GOOD = {
    "favre.example": ["google-site-verification=x", "v=spf1 include:spf.mail.example " + "a " * 200 + "-all"],
    "_dmarc.favre.example": ["v=DMARC1; p=reject; rua=mailto:x@favre.example"],
}


def said(records: Mapping[str, list[str]]) -> list[tuple[str, bool]]:
    """Return what is said of a domain with some records."""
    with name_server(records) as server:
        return checked_domain("paul@favre.example", "fr", server)


class TestCheckedDomain:
    def test_finds_a_domain_in_order(self) -> None:
        spf, dmarc, dkim = said(GOOD)

        assert spf == ("SPF : favre.example nomme ses serveurs d’envoi.", True)
        assert dmarc == ("DMARC : les faux messages à votre nom sont écartés (p=reject).", True)
        assert dkim[0].startswith("DKIM")

    def test_says_what_is_missing(self) -> None:
        spf, dmarc, _ = said({})

        assert spf[0].startswith("SPF : favre.example ne dit pas")
        assert dmarc[0].startswith("DMARC : aucune règle")
        assert not spf[1]
        assert not dmarc[1]

    @pytest.mark.parametrize(
        ("records", "words"),
        [(["v=spf1 a +all"], "n’importe qui"), (["v=spf1 -all", "v=spf1 ~all"], "plusieurs")],
    )
    def test_says_what_is_wrong(self, records: list[str], words: str) -> None:
        spf, *_ = said({"favre.example": records})

        assert words in spf[0]
        assert not spf[1]


class TestTextsOf:
    def test_says_when_nobody_answers(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.1", 0))
            address = closed.getsockname()

        with pytest.raises(NoAnswer, match="ne répond pas"):
            texts_of("favre.example", address)
