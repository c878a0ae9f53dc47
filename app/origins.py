"""Which addresses are ours; what arrives under another one is refused. Imports next to nothing."""

import os
from urllib.parse import urlsplit

from app.trouble import BadPort

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORT = 3000
LAST_PORT = 65535


def port() -> int:
    """Return the port of the product (`PORT`).

    Raises:
        BadPort: it is no number, or leaves no next port for the notebooks.
    """
    given = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not given.isdecimal() or not 0 < int(given) < LAST_PORT:
        raise BadPort(f"PORT={given} n'est pas un port : choisir un nombre de 1024 à {LAST_PORT - 1}.")
    return int(given)


def own_origins() -> list[str]:
    """List the origins of our pages: this machine, and those of `BOUSSOLE_ORIGINS` (behind a TLS proxy)."""
    public = [origin.strip().rstrip("/") for origin in os.environ.get("BOUSSOLE_ORIGINS", "").split(",")]
    return [*(f"http://{host}:{port()}" for host in LOOPBACK_HOSTS), *filter(None, public)]


def own_hosts() -> frozenset[str]:
    """Return the values of the `Host` header that are ours; others are refused (DNS rebinding)."""
    return frozenset(urlsplit(origin).netloc for origin in own_origins())
