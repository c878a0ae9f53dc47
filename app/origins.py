"""Which addresses are ours; what arrives under another one is refused. Imports next to nothing."""

import os
from urllib.parse import urlsplit

from app.trouble import BadAddress, BadPort

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
    """List the origins of our pages: this machine, `PUBLIC_URL`, and further ones of `BOUSSOLE_ORIGINS`."""
    public = [origin.strip().rstrip("/") for origin in os.environ.get("BOUSSOLE_ORIGINS", "").split(",")]
    public = list(dict.fromkeys([public_url(), *public]))
    return [*(f"http://{host}:{port()}" for host in LOOPBACK_HOSTS), *filter(None, public)]


def public_url() -> str:
    """Return the address under which people reach us through a TLS proxy (`PUBLIC_URL`); "" for this machine only.

    Raises:
        BadAddress: it is no address of a whole site.
    """
    given = os.environ.get("PUBLIC_URL", "").strip().rstrip("/")
    parts = urlsplit(given)
    if given and (
        parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query or "@" in given
    ):
        raise BadAddress(f"PUBLIC_URL={given} n'est pas une adresse : écrire https://boussole.exemple.ch, sans chemin.")
    return given


def public_origin() -> str:
    """Return the address that links in mails begin with: the public one if there is one, else this machine's."""
    ours = own_origins()
    return next((origin for origin in ours if origin.startswith("https://")), public_url() or ours[0])


def own_hosts() -> frozenset[str]:
    """Return the values of the `Host` header that are ours; others are refused (DNS rebinding)."""
    return frozenset(urlsplit(origin).netloc for origin in own_origins())
