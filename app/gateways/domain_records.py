"""What a domain says in the DNS about who may send in its name; asked of the resolver that this machine uses.

Source: RFC 7208 (SPF), RFC 7489 (DMARC): both are TXT records.
"""

import dns.exception
import dns.resolver

from db.kernel.errors import BusinessError

SECONDS = 4.0
Resolver = tuple[str, int]


class NoAnswer(BusinessError):
    """The DNS did not answer."""


def texts_of(name: str, resolver: Resolver | None = None) -> list[str]:
    """Return the TXT records of a name; none when it has none.

    Raises: NoAnswer: nobody answered, or in a way that cannot be read.
    """
    try:
        answer = _asking(resolver).resolve(name, "TXT")
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, UnicodeError, ValueError) as problem:
        raise NoAnswer("Le DNS ne répond pas ({kind}).", kind=type(problem).__name__) from problem


def _asking(resolver: Resolver | None) -> dns.resolver.Resolver:
    asking = dns.resolver.Resolver(configure=resolver is None)
    asking.lifetime = SECONDS
    if resolver is not None:
        asking.nameservers, asking.port = [resolver[0]], resolver[1]
    return asking
