"""The ways that opportunities go: pipelines with their stages, what a stage demands, and why deals are lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from db.kernel.errors import NotAllowed
from db.kernel.findings import BadFields, Finding
from db.kernel.money import round_to_cent

MOST_STAGES, MOST_REASONS, LONGEST_NAME, MOST_DAYS = 12, 30, 60, 730

# field of an opportunity that a stage may demand, and those that every stage demands → what is said when it is missing
DEMANDABLE: Mapping[str, str] = {
    "expected_amount": "« {stage} » demande le montant attendu.",
    "expected_close": "« {stage} » demande la date de signature attendue.",
    "contact_id": "« {stage} » demande la personne de contact.",
    "owner_id": "« {stage} » demande un responsable.",
}
NEXT_STEP: Mapping[str, str] = {
    "next_step": "« {stage} » demande la prochaine étape.",
    "next_step_date": "« {stage} » demande le jour de la prochaine étape.",
}


class BadPipeline(BadFields):
    """A pipeline cannot be kept so; `findings` says what is wrong with which stage."""


class StageWants(BadFields):
    """A stage demands what the opportunity does not say yet; one finding for each missing field."""


class StageInUse(NotAllowed):
    """Open opportunities still stand at what was to be removed."""


@dataclass(frozen=True)
class StageDraft:
    """One stage as somebody sets it: chance in per cent, fields it demands, days after which a deal grows old."""

    name: str
    chance: int
    demands: tuple[str, ...] = ()
    patience_days: int | None = None
    stage_id: UUID | None = None


@dataclass(frozen=True)
class PipelineDraft:
    """A pipeline with its stages in their order."""

    name: str
    stages: Sequence[StageDraft] = field(default_factory=tuple)


# what a firm begins with
FIRST_PIPELINE = PipelineDraft(
    "Parcours standard",
    (
        StageDraft("Contact", 10, (), 21),
        StageDraft("Besoin clarifié", 30, ("contact_id",), 21),
        StageDraft("Devis envoyé", 50, ("contact_id", "expected_amount", "expected_close"), 30),
        StageDraft("Négociation", 70, ("contact_id", "expected_amount", "expected_close"), 30),
        StageDraft("Accord oral", 90, ("contact_id", "expected_amount", "expected_close"), 14),
    ),
)
FIRST_REASONS = ("Prix", "Délai", "Concurrent", "Projet abandonné", "Sans réponse", "Hors de notre offre")


def check_pipeline(draft: PipelineDraft) -> PipelineDraft:
    """Return a pipeline without needless spaces.

    Raises: BadPipeline: with all its findings; `stages.2.name` is the name of the third stage.
    """
    stages = tuple(
        replace(one, name=_tidy(one.name), demands=tuple(dict.fromkeys(one.demands))) for one in draft.stages
    )
    draft = PipelineDraft(_tidy(draft.name), stages)
    found = [] if draft.name else [Finding("name", "Donnez un nom au parcours.")]
    found += _too_long("name", draft.name)
    if not 1 <= len(stages) <= MOST_STAGES:
        found.append(Finding("stages", "Un parcours a de 1 à {most} étapes.", {"most": MOST_STAGES}))
    names = [one.name.casefold() for one in stages]
    for at, one in enumerate(stages):
        found += _stage_findings(f"stages.{at}", one, is_double=names.index(one.name.casefold()) < at)
    if found:
        raise BadPipeline(found)
    return draft


def _stage_findings(at: str, stage: StageDraft, *, is_double: bool) -> list[Finding]:
    found = _too_long(f"{at}.name", stage.name)
    if not stage.name:
        found.append(Finding(f"{at}.name", "Donnez un nom à chaque étape."))
    elif is_double:
        found.append(Finding(f"{at}.name", "Deux étapes s’appellent « {name} ».", {"name": stage.name}))
    if not 1 <= stage.chance <= 99:
        found.append(Finding(f"{at}.chance", "La probabilité d’une étape va de 1 à 99 %."))
    if stage.patience_days is not None and not 1 <= stage.patience_days <= MOST_DAYS:
        found.append(Finding(f"{at}.patience_days", "Le délai va de 1 à {most} jours.", {"most": MOST_DAYS}))
    unknown = [name for name in stage.demands if name not in DEMANDABLE]
    if unknown:
        found.append(Finding(f"{at}.demands", "Champ inconnu : {names}.", {"names": ", ".join(unknown)}))
    return found


def check_reasons(names: Sequence[str]) -> list[str]:
    """Return reasons for a loss without needless spaces, empty ones and doubles.

    Raises: BadPipeline: none, too many, or one too long.
    """
    kept = {_tidy(name).casefold(): _tidy(name) for name in reversed(names) if _tidy(name)}
    reasons = list(reversed(kept.values()))
    found = [one for name in reasons for one in _too_long("reasons", name)]
    if not 1 <= len(reasons) <= MOST_REASONS:
        found.append(Finding("reasons", "Donnez de 1 à {most} motifs.", {"most": MOST_REASONS}))
    if found:
        raise BadPipeline(found)
    return reasons


def check_demands(stage_name: str, demands: Sequence[str], facts: Mapping[str, Any]) -> None:
    """Test that an opportunity says what a stage demands, and what is to be done next.

    Raises: StageWants: names each missing field.
    """
    said = {**{name: DEMANDABLE[name] for name in demands}, **NEXT_STEP}
    missing = [name for name in said if facts.get(name) in (None, "")]
    if missing:
        raise StageWants([Finding(name, said[name], {"stage": stage_name}) for name in missing])


def weighted(amount: Decimal, chance: int) -> Decimal:
    """Return what an amount is worth at a chance in per cent, in whole centimes."""
    return round_to_cent(amount * chance / 100)


def _too_long(at: str, text: str) -> list[Finding]:
    if len(text) <= LONGEST_NAME:
        return []
    return [Finding(at, "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_NAME})]


def _tidy(text: str) -> str:
    return " ".join((text or "").split())
