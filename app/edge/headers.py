"""The headers that every answer carries: what a page may load, who may frame it, what it may use of the machine."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

Headers = list[tuple[bytes, bytes]]

NOT_USED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")


def security_headers(script_hashes: Iterable[str], *, origins: Iterable[str] = ()) -> Mapping[bytes, bytes]:
    """Return the headers that are added to every answer which does not set them itself.

    Where people reach us through TLS (an `https` origin), browsers are told never to come without.
    """
    over_tls = {b"strict-transport-security": b"max-age=31536000"}
    return (over_tls if any(origin.startswith("https:") for origin in origins) else {}) | {
        b"content-security-policy": content_security_policy(script_hashes).encode(),
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"SAMEORIGIN",
        b"referrer-policy": b"same-origin",
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
        b"permissions-policy": ", ".join(f"{feature}=()" for feature in NOT_USED).encode(),
    }


def content_security_policy(script_hashes: Iterable[str]) -> str:
    """Return the policy of our pages: own files and the inline scripts known at build time; nothing is ever evaluated.

    Styles may be inline (components set them) and pictures may come from `data:` and `blob:` (charts, previews).
    """
    scripts = " ".join(f"'{source}'" for source in sorted(script_hashes))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {scripts}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def caching(path: str, status: int) -> bytes:
    """Return how long browsers may keep an answer: built files carry their hash in the name, all else is asked anew."""
    return b"public, max-age=31536000, immutable" if path.startswith("/assets/") and status < 400 else b"no-cache"


def known_script_hashes(build: Path) -> list[str]:
    """Read the hashes that the build noted for its inline scripts; none while nothing is built."""
    try:
        return list(json.loads((build / "csp.json").read_text()))
    except FileNotFoundError:
        return []


def completed(given: Headers, defaults: Mapping[bytes, bytes]) -> Headers:
    """Return an answer's headers with the defaults for those that it lacks."""
    present = {name.lower() for name, _ in given}
    return [*given, *((name, value) for name, value in defaults.items() if name not in present)]
