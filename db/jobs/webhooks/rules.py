"""What is told to other programs, how it is signed, where it may go, and when it is tried again."""

import base64
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from db.kernel.errors import BadInput, NotAllowed

PING = "webhook.ping"
# events that a program may be told of → the kind of record that they are about
EVENTS: dict[str, str] = {
    "crm.lead_created": "lead",
    "crm.lead_changed": "lead",
    "crm.lead_closed": "lead",
    "crm.opportunity_closed": "opportunity",
    "crm.opportunity_reopened": "opportunity",
    "records.mentioned": "",
}
LONGEST_URL = 500
GIVEN_UP = timedelta(hours=24)
LEASE = timedelta(seconds=60)  # so long may one sending take
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400))


class DeliveryState(StrEnum):
    """What became of one message."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"  # given up after a day
    DROPPED = "dropped"  # its webhook is gone, or a person gave it up


class UnsafeAddress(NotAllowed):
    """The address leads where nothing may be sent."""


def check_url(url: str, *, allows_private: bool) -> str:
    """Return the address of a webhook.

    Raises:
        BadInput: it is no address, or names a person, or is not protected outside one's own network.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise BadInput("« {url} » n’est pas une adresse.", url=url[:80]) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine or len(url) > LONGEST_URL:
        raise BadInput("« {url} » n’est pas une adresse.", url=url[:80])
    if parts.username or parts.password or not url.isascii() or not url.isprintable() or " " in url:
        raise BadInput("L’adresse ne porte ni nom, ni mot de passe, ni espace.")
    if parts.scheme == "http" and not allows_private:
        raise BadInput("L’adresse commence par https:// ; http:// suppose que l’entreprise permette le réseau interne.")
    return url


def check_events(kinds: Sequence[str]) -> list[str]:
    """Return the chosen events, each once.

    Raises:
        BadInput: none, or one that is not told.
    """
    unknown = sorted(set(kinds) - set(EVENTS))
    if unknown:
        raise BadInput("Événements inconnus : {names}.", names=", ".join(unknown)[:200])
    if not kinds:
        raise BadInput("Choisissez au moins un événement.")
    return sorted(set(kinds))


def check_address(address: str, *, allows_private: bool) -> None:
    """Refuse to connect to an address of this machine, of the network, or of a cloud's own services.

    Raises:
        UnsafeAddress: loopback and private addresses unless the company allows them; link-local and the like never.
    """
    found = _meant(ipaddress.ip_address(address.partition("%")[0]))
    own = found.is_private or found.is_loopback
    never = found.is_link_local or found.is_multicast or found.is_unspecified or found == CLOUD
    never = never or any(found in range_ for range_ in SPECIAL if range_.version == found.version)
    if never or (own and not allows_private) or not (own or found.is_global):
        raise UnsafeAddress("L’adresse {address} n’est pas permise pour un webhook.", address=address)


Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# protocol assignments (RFC 6890), Teredo (RFC 4380) and translation within one's own network (RFC 8215)
SPECIAL = tuple(ipaddress.ip_network(one) for one in ("192.0.0.0/24", "2001::/32", "64:ff9b:1::/48"))
# prefixes in whose last 32 bits an IPv4 address stands: « compatible » (RFC 4291) and NAT64 (RFC 6052)
CARRYING = tuple(ipaddress.IPv6Network(one) for one in ("::/96", "64:ff9b::/96"))


def _meant(found: Address) -> Address:
    """Return the address at which a packet arrives, where one address carries another."""
    if not isinstance(found, ipaddress.IPv6Address):
        return found
    if found.is_loopback or found.is_unspecified:
        return found
    if any(found in range_ for range_ in CARRYING):
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or found


CLOUD = ipaddress.ip_address("fd00:ec2::254")  # a cloud's metadata, in a range that is otherwise private


def new_secret() -> str:
    """Return a secret as Standard Webhooks write it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the `webhook-signature` header.

    Source: Standard Webhooks 1.0, « Signature scheme »: HMAC-SHA256 over `id.timestamp.body`, base64, `v1,` before it.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def next_attempt(attempts: int, *, first_at: datetime, at: datetime) -> datetime | None:
    """Return when a message that failed is tried again; None when a day has passed since the first attempt."""
    following = at + WAITS[min(attempts, len(WAITS)) - 1]
    return following if following - first_at <= GIVEN_UP else None
