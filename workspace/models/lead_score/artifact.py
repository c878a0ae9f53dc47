"""A fitted score as a file: skops with a fixed list of types, never a pickle."""

from zipfile import ZIP_DEFLATED

from skops.io import dumps, get_untrusted_types, loads

from workspace.models.lead_score.canonical import canonical
from workspace.models.lead_score.fitted import FittedScore

_HERE = "workspace.models.lead_score"
TRUSTED_TYPES: tuple[str, ...] = (
    f"{_HERE}.additive.AdditiveScore",
    f"{_HERE}.additive.PairTable",
    f"{_HERE}.additive.Tables",
    f"{_HERE}.choosing.Blend",
    f"{_HERE}.choosing.Settings",
    f"{_HERE}.features.LeadFeatures",
    f"{_HERE}.fields.Field",
    f"{_HERE}.fitted.FittedScore",
    f"{_HERE}.ladder.ScoreBins",
    f"{_HERE}.ladder.Segments",
    f"{_HERE}.reasons.Reference",
)
"""What a score's file may hold beyond what skops itself trusts; all of it frozen values and two estimators of ours."""


class UntrustedArtifact(Exception):
    """The file is no lead score, or holds types that a lead score never holds."""


def dump(model: FittedScore) -> bytes:
    """Return the score as the bytes of a skops file, the same bytes for the same score."""
    return canonical(dumps(model, compression=ZIP_DEFLATED, compresslevel=6))


def load(content: bytes) -> FittedScore:
    """Return the score that the bytes of a skops file hold.

    Raises:
        UntrustedArtifact: the bytes are no skops file, or name a type that is not on the fixed list, or hold
            something else than a score. Nothing of the file is run before that is known.
    """
    try:
        strange = sorted(set(get_untrusted_types(data=content)) - set(TRUSTED_TYPES))
        if strange:
            raise UntrustedArtifact(f"The model file holds types that a lead score never holds: {', '.join(strange)}.")
        model = loads(content, trusted=list(TRUSTED_TYPES))
    except UntrustedArtifact:
        raise
    except Exception as error:  # whatever a broken or hostile file provokes in the reader is one refusal
        raise UntrustedArtifact(f"The model file cannot be read: {error}") from error
    if not isinstance(model, FittedScore):
        raise UntrustedArtifact(f"The model file holds a {type(model).__name__} and no lead score.")
    return model
