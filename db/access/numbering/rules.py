"""How the numbers of documents are written: `D-{AAAA}-{00000}` gives `D-2026-00012`."""

import re
from collections.abc import Mapping

from db.kernel.errors import BadInput

KINDS: dict[str, tuple[str, str]] = {  # kind of document → its French name and the format by default
    "offer": ("Offre", "O-{AAAA}-{00000}"),
    "order": ("Commande de client", "C-{AAAA}-{00000}"),
    "delivery": ("Bulletin de livraison", "BL-{AAAA}-{00000}"),
    "invoice": ("Facture", "F-{AAAA}-{00000}"),
    "credit_note": ("Note de crédit", "NC-{AAAA}-{00000}"),
    "reminder": ("Rappel", "R-{AAAA}-{00000}"),
    "purchase_order": ("Commande à un fournisseur", "CF-{AAAA}-{00000}"),
    "goods_receipt": ("Réception", "RE-{AAAA}-{00000}"),
    "journal_entry": ("Écriture", "E-{AAAA}-{000000}"),
    "production_order": ("Ordre de fabrication", "OF-{AAAA}-{00000}"),
    "service_case": ("Demande de service", "S-{AAAA}-{00000}"),
}
COUNTER = re.compile(r"\{(0{1,9})\}")
YEAR = re.compile(r"\{(AAAA|AA)\}")
SIGNS = re.compile(r"[A-Z0-9./-]*")
LONGEST = 40


def check_format(pattern: str) -> str:
    """Return a format without spaces around it.

    Raises:
        BadInput: it has not one counter, more than one year, or signs that no number should have.
    """
    cleaned = pattern.strip().upper()
    if len(COUNTER.findall(cleaned)) != 1 or len(YEAR.findall(cleaned)) > 1:
        raise BadInput("Un format contient une fois le compteur et au plus une fois l’année, entre accolades.")
    rest = YEAR.sub("", COUNTER.sub("", cleaned))
    if not SIGNS.fullmatch(rest) or len(cleaned) > LONGEST:
        raise BadInput("Un format tient en 40 signes : lettres sans accent, chiffres, tiret, point et barre.")
    return cleaned


def check_formats(formats: Mapping[str, str]) -> dict[str, str]:
    """Return all formats checked; two kinds of document never share one.

    Raises:
        BadInput: one is not well formed, or two are the same.
    """
    checked = {kind: check_format(pattern) for kind, pattern in formats.items()}
    seen: dict[str, str] = {}
    for kind, pattern in checked.items():
        shape = COUNTER.sub("{0}", pattern)
        if shape in seen:
            one, other = KINDS[seen[shape]][0], KINDS[kind][0]
            raise BadInput("« {one} » et « {other} » auraient les mêmes numéros.", one=one, other=other)
        seen[shape] = kind
    return checked


def number_written(pattern: str, *, year: int, number: int) -> str:
    """Return a number as the format writes it; a counter that needs more figures takes them."""
    counted = COUNTER.sub(lambda found: f"{number:0{len(found[1])}d}", pattern)
    return YEAR.sub(lambda found: str(year)[-len(found[1]) :], counted)


def restarts_each_year(pattern: str) -> bool:
    """Test if counting begins anew every year: only where the year is part of the number."""
    return YEAR.search(pattern) is not None
