"""Which addresses are ours; what arrives under another one is refused. Imports nothing else of the project."""

import os
from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORT = 3000


def port() -> int:
    """Return the port of the product (`PORT`)."""
    return int(os.environ.get("PORT") or DEFAULT_PORT)


def own_origins() -> list[str]:
    """List the origins of our pages: this machine, and those of `BOUSSOLE_ORIGINS` (behind a TLS proxy)."""
    public = [origin.strip().rstrip("/") for origin in os.environ.get("BOUSSOLE_ORIGINS", "").split(",")]
    return [*(f"http://{host}:{port()}" for host in LOOPBACK_HOSTS), *filter(None, public)]


def own_hosts() -> frozenset[str]:
    """Return the values of the `Host` header that are ours; others are refused (DNS rebinding)."""
    return frozenset(urlsplit(origin).netloc for origin in own_origins())
