"""What a firm is called and how it may send mail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from db.kernel.errors import BadInput

UID_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4)
UID = re.compile(r"CHE(\d{9})")
MAIL_SECURITIES = ("none", "starttls", "tls")


@dataclass(frozen=True)
class MailSettings:
    """How mail leaves; while `is_on` is false nothing does."""

    is_on: bool
    host: str
    port: int
    security: str  # none, starttls, tls
    user: str
    sender: str


def clean_company_name(name: str) -> str:
    """Return the firm's name with single spaces.

    Raises:
        BadInput: there is none, or it is far too long.
    """
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 200:
        raise BadInput("Indiquez la raison sociale (1 à 200 caractères).")
    return cleaned


def clean_uid(uid: str) -> str | None:
    """Return a company number as `CHE123456788`, however it was typed (with dots, with « TVA »); None for none.

    Raises:
        BadInput: it has another form or its check digit is wrong.
    """
    typed = re.sub(r"[\s.\-–]", "", uid.upper())
    if not typed:
        return None
    typed = re.sub(r"(TVA|MWST|IVA)$", "", typed)
    found = UID.fullmatch(typed)
    if found is None:
        raise BadInput("Un numéro IDE s’écrit CHE-123.456.788.")
    if not has_right_check_digit(found[1]):
        raise BadInput("Le chiffre de contrôle du numéro IDE n’est pas juste : vérifiez les chiffres.")
    return typed


def has_right_check_digit(digits: str) -> bool:
    """Test the last of nine digits. Source: eCH-0097, modulus 11 with the weights 5 4 3 2 7 6 5 4."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, UID_WEIGHTS, strict=False)) % 11
    return rest != 10 and int(digits[8]) == rest % 11


def shown_uid(uid: str) -> str:
    """Return `CHE123456788` as people write it: `CHE-123.456.788`."""
    return f"CHE-{uid[3:6]}.{uid[6:9]}.{uid[9:]}"


def check_mail(settings: MailSettings) -> None:
    """Refuse settings with which no mail could leave.

    Raises:
        BadInput: says which one is missing or wrong.
    """
    if settings.security not in MAIL_SECURITIES:
        raise BadInput("La protection « {security} » n’existe pas.", security=settings.security)
    if not 1 <= settings.port <= 65535:
        raise BadInput("Le port est un nombre de 1 à 65535.")
    if settings.is_on and not (settings.host and "@" in settings.sender):
        raise BadInput("Pour envoyer, indiquez le serveur et l’adresse d’expéditeur.")
    if any(sign in settings.sender + settings.host + settings.user for sign in "\r\n"):
        raise BadInput("Les réglages tiennent sur une ligne.")


PROFILE = ("vat_number", "street", "postal_code", "city", "phone", "email", "website")
SWISS_POSTAL_CODE = re.compile(r"[1-9]\d{3}")


def clean_profile(given: Mapping[str, str]) -> dict[str, str | None]:
    """Return the head of the firm's letters with single spaces; None for what is not given.

    Raises:
        BadInput: says which value will not do.
    """
    cleaned: dict[str, str | None] = {name: " ".join(given.get(name, "").split()) or None for name in PROFILE}
    if any(len(value or "") > 200 for value in cleaned.values()):
        raise BadInput("Chaque ligne tient en 200 caractères.")
    cleaned["vat_number"] = clean_uid(cleaned["vat_number"] or "")
    if cleaned["postal_code"] and not SWISS_POSTAL_CODE.fullmatch(cleaned["postal_code"]):
        raise BadInput("Un numéro postal suisse a quatre chiffres.")
    if cleaned["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", cleaned["email"]):
        raise BadInput("L’adresse e-mail s’écrit nom@exemple.ch.")
    website = cleaned["website"]
    if website and not re.fullmatch(r"(https?://)?[\w-]+(\.[\w-]+)+(/\S*)?", website):
        raise BadInput("L’adresse du site s’écrit www.exemple.ch.")
    return cleaned
