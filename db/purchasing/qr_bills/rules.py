"""What a Swiss QR code says: creditor, account, amount, reference. Read leniently, judged strictly.

Source: Swiss Implementation Guidelines QR-bill v2.3 (SIX, 2024), sections 4.2 and 4.3; addresses of type K are read as
well, which older bills carry.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from db.kernel.errors import BadInput

FEWEST_LINES, FIRST_REFERENCE = 31, 27
CURRENCIES = ("CHF", "EUR")
MOD10 = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)


class NotAQrBill(BadInput):
    """The text of a code is no Swiss QR-bill."""


@dataclass(frozen=True)
class QrBill:
    """A payment part as its code says it."""

    iban: str
    creditor: str
    street: str
    postal_code: str
    city: str
    country: str
    amount: Decimal | None
    currency: str
    reference_type: str  # QRR, SCOR, NON
    reference: str
    message: str


def read_payload(text: str) -> QrBill:
    """Return what a code says.

    Raises: NotAQrBill: it is another code, or breaks off.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) < FEWEST_LINES - 1 or lines[0].strip() != "SPC" or not lines[1].startswith("02"):
        raise NotAQrBill("Ce code n’est pas celui d’une QR-facture.")
    lines = [line.strip() for line in [*lines, *[""] * 4]]
    address = _address(lines[4:11])
    amount, currency = _amount(lines[18]), lines[19]
    if not is_iban(lines[3]) or currency not in CURRENCIES:
        raise NotAQrBill("Le code de la QR-facture est abîmé : IBAN ou monnaie illisible.")
    street, postal_code, city = address
    return QrBill(
        lines[3], lines[5], street, postal_code, city, lines[10], amount, currency, lines[27], lines[28], lines[29]
    )


def _address(lines: list[str]) -> tuple[str, str, str]:
    """Return street, postal code and city of an address of type S (structured) or K (two lines)."""
    if lines[0] != "K":
        return " ".join(text for text in lines[2:4] if text), lines[4], lines[5]
    code, _, city = lines[3].partition(" ")
    return lines[2], code, city


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise NotAQrBill("Le code de la QR-facture est abîmé : montant illisible.") from None
    if not amount.is_finite() or not 0 <= amount < Decimal("1000000000"):
        raise NotAQrBill("Le code de la QR-facture est abîmé : montant illisible.")
    return amount.quantize(Decimal("0.01"))


def is_iban(text: str) -> bool:
    """Test the check digits of an IBAN, however it is spaced. Source: ISO 13616, modulus 97."""
    bare = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare) or (bare[:2] in ("CH", "LI") and len(bare) != 21):
        return False
    return int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1


def is_reference(text: str) -> bool:
    """Test a QR reference (27 digits, modulus 10 recursive) or a creditor reference (ISO 11649, modulus 97)."""
    bare = re.sub(r"\s", "", text).upper()
    if re.fullmatch(r"\d{27}", bare):
        rest = 0
        for digit in bare[:-1]:
            rest = MOD10[(rest + int(digit)) % 10]
        return (10 - rest) % 10 == int(bare[-1]) and bare.strip("0") != ""
    if not re.fullmatch(r"RF\d{2}[A-Z0-9]{1,21}", bare):
        return False
    return int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1


def shown_iban(iban: str) -> str:
    """Return an IBAN in groups of four."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
