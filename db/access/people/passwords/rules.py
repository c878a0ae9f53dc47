"""What a password must be: long and not common. Source: NIST SP 800-63B-4 (2025), section 3.1.1.2."""

from datetime import timedelta

from db.kernel.errors import BadInput

SHORTEST, LONGEST = 12, 256
MAILED_LINK_LIFE = timedelta(minutes=30)
GIVEN_LINK_LIFE = timedelta(hours=24)

# The long ones among the passwords that are tried first; shorter ones fail by their length.
COMMON = frozenset(
    [
        "password1234",
        "password12345",
        "passwordpassword",
        "motdepasse123",
        "motdepasse1234",
        "motdepassemotdepasse",
        "azertyuiop123",
        "azertyuiop12",
        "azertyuiopqsdf",
        "azertyuiopqsdfghjklm",
        "qwertzuiop12",
        "qwertzuiop123",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopasdf",
        "qwertyuiopasdfghjkl",
        "123456789012",
        "1234567890123",
        "0123456789012",
        "1234567890123456",
        "12345678901234567890",
        "111111111111",
        "000000000000",
        "123123123123",
        "abcdefghijkl",
        "abcdefghijklm",
        "abcdefghijklmnop",
        "administrateur",
        "administrator",
        "administrator1",
        "adminadminadmin",
        "bienvenue123",
        "bienvenue1234",
        "bienvenue2026",
        "iloveyou1234",
        "jetaime12345",
        "letmein12345",
        "welcome12345",
        "soleilsoleil",
        "lausanne1234",
        "lausanne2026",
        "geneve123456",
        "suisse123456",
        "switzerland1",
        "changeme1234",
        "changemoi123",
        "passw0rd1234",
        "p@ssw0rd1234",
        "p@ssword1234",
        "secret123456",
        "monmotdepasse",
        "trustno1trustno1",
    ]
)
OUR_WORDS = ("boussole",)


class WeakPassword(BadInput):
    """The password would be guessed."""


def check_password(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is short, common, or made of the person's own names.

    Raises:
        WeakPassword: says what is wrong with it.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword("Le mot de passe a de {least} à {most} caractères.", least=SHORTEST, most=LONGEST)
    folded = password.casefold()
    if folded in COMMON or len(set(folded)) < 4:
        raise WeakPassword("Ce mot de passe est trop répandu. Une suite de quatre mots convient bien.")
    if _is_made_of(folded, [email.casefold(), *email.casefold().split("@"), *name.casefold().split(), *OUR_WORDS]):
        raise WeakPassword("Le mot de passe ne doit pas se deviner à partir du nom ou de l’adresse.")


def _is_made_of(folded: str, words: list[str]) -> bool:
    """Test if little is left of the password once the known words are taken out."""
    rest = folded
    for word in sorted((word for word in words if len(word) >= 4), key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < min(6, len(folded))
