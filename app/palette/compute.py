"""What `=` computes: sums, differences, products, quotients, per cent; exact, and written as Swiss people write it."""

import re
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation, localcontext

from app.text import quantity

LONGEST = 100
DECIMALS = Decimal("0.0000000001")
_TOKEN = re.compile(r"\s*(?:(\d+(?:['’]\d{3})*(?:[.,]\d+)?|[.,]\d+)|([-+*/()%×÷·:−]))")
_SAME = str.maketrans("×·÷:−", "**//-")


class NothingToCompute(ValueError):
    """What was typed is no complete calculation."""


def computed(text: str) -> str:
    """Return the result of what was typed as text; empty while it is no complete calculation.

    >>> computed("1'200 + 8.1%"), computed("2 × (3,5 - 1)"), computed("1/0"), computed("3 +")
    ("1'297.20", '5', '', '')
    """
    try:
        with localcontext() as exact:
            exact.prec = 40
            return _written(_Calculation(text).value())
    except (NothingToCompute, DivisionByZero, InvalidOperation, RecursionError):
        return ""


def _written(value: Decimal) -> str:
    rounded = value.quantize(DECIMALS, rounding=ROUND_HALF_UP)
    plain = quantity(rounded)
    whole, _, rest = plain.partition(".")
    return f"{whole}.{rest}0" if len(rest) == 1 else plain


class _Calculation:
    """Reads a calculation from the left: sums of products of signed numbers and brackets."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise NothingToCompute
        self._tokens = _tokens(text)
        self._at = 0

    def value(self) -> Decimal:
        """Return the result.

        Raises: NothingToCompute.
        """
        result = self._sum()
        if self._at < len(self._tokens):
            raise NothingToCompute
        return result

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _sum(self) -> Decimal:
        total, _ = self._product()
        while self._peek() in ("+", "-") and self._peek():
            sign = self._take()
            part, is_share = self._product()
            part = total * part if is_share else part
            total = total + part if sign == "+" else total - part
        return total

    def _product(self) -> tuple[Decimal, bool]:
        """Return a product, and whether it is a lone per cent, which is then a share of what stands before it."""
        result, is_share = self._signed()
        while self._peek() in ("*", "/") and self._peek():
            is_times = self._take() == "*"
            other, _ = self._signed()
            result, is_share = (result * other if is_times else result / other), False
        return result, is_share

    def _signed(self) -> tuple[Decimal, bool]:
        token = self._take()
        if token in ("-", "+"):
            value, is_share = self._signed()
            return (-value if token == "-" else value), is_share
        value = self._bracket() if token == "(" else _number(token)
        if self._peek() != "%":
            return value, False
        self._take()
        return value / 100, True

    def _bracket(self) -> Decimal:
        inside = self._sum()
        if self._take() != ")":
            raise NothingToCompute
        return inside


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NothingToCompute
        found.append((match[1] or match[2]).translate(_SAME))
        at = match.end()
    return found


def _number(token: str) -> Decimal:
    if not token or not (token[0].isdigit() or token[0] in ".,"):
        raise NothingToCompute
    return Decimal(re.sub("['’]", "", token).replace(",", "."))
