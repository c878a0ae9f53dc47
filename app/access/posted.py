"""What a browser posts to us: from one of our own pages, small, and whom it comes from."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from app.origins import LOOPBACK_HOSTS, own_origins, public_url

MOST_BYTES = 16 * 1024
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
LOOPBACK = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True)
class Posted:
    """A form that one of our own pages posted."""

    fields: Mapping[str, str]
    origin: str
    cookies: str
    address: str
    device: str
    is_local: bool  # typed at this very machine

    def get(self, name: str) -> str:
        """Return a field; "" when it was not sent."""
        return self.fields.get(name, "")

    @property
    def is_secure(self) -> bool:
        """Test if the browser speaks https with us, so that the cookie may be limited to it."""
        return self.origin.startswith("https://")


async def posted(request: Request) -> Posted:
    """Read a posted form; refuse (403) what another site's page posts, whether it sends our cookie or not."""
    unread = sender(request, {})
    body = await _body(request)
    fields = dict(parse_qsl(body, keep_blank_values=True, encoding="utf-8", errors="replace"))
    return replace(unread, fields=fields)


def sender(request: Request, fields: Mapping[str, str]) -> Posted:
    """Return who posts, before the body is read; refuse (403) what another site's page posts."""
    origin = request.headers.get("origin", "")
    if origin not in own_origins():
        raise HTTPException(403, "Demande refusée : elle ne vient pas d’une page de Boussole.")
    return Posted(
        fields=fields,
        origin=origin,
        cookies=request.headers.get("cookie", ""),
        address=client_address(request),
        device=device_name(request.headers.get("user-agent", "")),
        is_local=is_local(request.client.host if request.client else "", request.headers),
    )


async def _body(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, "Ce formulaire est trop grand.")
    return body.decode("latin-1")


def client_address(request: Request) -> str:
    """Return whence a request comes: what a trusted proxy says last, else the peer; nobody else is believed."""
    direct = request.client.host if request.client else "?"
    if direct not in trusted_proxies():
        return direct
    return request.headers.get("x-forwarded-for", "").split(",")[-1].strip() or direct


def trusted_proxies() -> frozenset[str]:
    """Return who may say whence a request comes: `BOUSSOLE_TRUSTED_PROXIES`, else this machine where it has a proxy."""
    given = os.environ.get("BOUSSOLE_TRUSTED_PROXIES", "")
    if given:
        return frozenset(address.strip() for address in given.split(","))
    has_proxy = bool(public_url()) or os.environ.get("BOUSSOLE_PROXY") == "1"
    return frozenset(LOOPBACK) if has_proxy else frozenset()


def is_local(peer: str, headers: Mapping[str, str]) -> bool:
    """Test if a request comes from a browser on this machine and through nothing else."""
    host = re.sub(r":\d+$", "", headers.get("host", ""))
    return peer in LOOPBACK and host in LOOPBACK_HOSTS and not any(name in headers for name in FORWARDED)


def device_name(user_agent: str) -> str:
    """Return browser and system in words, as the list of sessions shows them."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    browser = next((name for sign, name in browsers if sign in user_agent), "Navigateur")
    system = next((name for sign, name in systems if sign in user_agent), "système inconnu")
    return f"{browser}, {system}"
