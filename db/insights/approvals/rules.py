"""Who may decide about a version, and when."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from db.kernel.errors import BadInput, NotAllowed

ALONE_WAITS = timedelta(hours=24)
MOST_REASON = 2_000


class Verdict(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"


class OwnModel(NotAllowed):
    """Nobody decides about her own work while somebody else can look at it."""


class TooEarlyAlone(NotAllowed):
    """A person who works alone lets a night pass."""


class ReasonMissing(BadInput):
    """A decision comes with its reason."""


class ProposalExpired(NotAllowed):
    """The proposal waited too long; its data has aged."""


class NoPersonDecided(NotAllowed):
    """A decision is made by a person, never by the product."""


class NothingToReturnTo(NotAllowed):
    """No earlier version was ever live."""


class NotDecided(NotAllowed):
    """No person decided that this version goes live."""


class LiveVersionChanged(NotAllowed):
    """Another version went live while the scores were computed."""


def check_reason(reason: str) -> str:
    """Return the reason without outer spaces.

    Raises:
        ReasonMissing: it is empty or too long.
    """
    if not reason.strip() or len(reason) > MOST_REASON:
        raise ReasonMissing("Dire la raison en quelques mots ({most} signes au plus).", most=MOST_REASON)
    return reason.strip()


def check_second_look(
    *,
    author_id: UUID,
    decider_id: UUID,
    people: int,
    proposed_at: datetime,
    at: datetime,
) -> bool:
    """Return whether the decision is made without a second pair of eyes.

    Raises:
        OwnModel: the author decides though others work here.
        TooEarlyAlone: the author is the only person, and the proposal is younger than 24 hours.
    """
    if author_id != decider_id:
        return False
    if people > 1:
        raise OwnModel("C’est votre propre version : une autre personne doit décider.")
    if at - proposed_at < ALONE_WAITS:
        raise TooEarlyAlone("Seul dans l’entreprise, on décide de sa propre version après 24 heures de recul.")
    return True


def check_not_expired(expires_at: datetime | None, *, at: datetime) -> None:
    """Refuse to let a stale proposal live.

    Raises:
        ProposalExpired: it waited too long.
    """
    if expires_at is None or expires_at <= at:
        raise ProposalExpired("La proposition a expiré : la publier à nouveau sur des données récentes.")
