"""What is said about versions: states, figures, guard-rails, and the one sentence that compares new and live."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.text import MINUS, NO_BREAK_SPACE, day, percent, quantity, say
from db.insights.approvals.queries import DecisionFacts
from db.insights.approvals.rules import Verdict
from db.insights.predictions.rules import HitRate
from db.insights.proposals.queries import VersionFacts
from db.insights.proposals.rules import VersionState

STATE_WORDS = {
    VersionState.DRAFT: ("contrôle en cours", ""),
    VersionState.PROPOSED: ("attend une décision", "ac"),
    VersionState.APPROVED: ("mise en service", "ac"),
    VersionState.LIVE: ("en service", "grn"),
    VersionState.RETIRED: ("retirée", ""),
    VersionState.REFUSED: ("refusée", "red"),
    VersionState.EXPIRED: ("expirée", ""),
}

RAILS = {
    "not_worse_than_live": "Erreur moyenne au plus celle de la version en service",
    "better_than_naive_bayes": "Meilleure que le comptage naïf des champs",
    "better_than_base_rate": "Meilleure que le taux moyen seul",
    "calibrated": "Ses pour-cent tiennent",
    "same_data": "Apprise sur les données de l’entreprise, sans retouche",
    "reproduced": "Refaite à l’identique par Boussole",
}
RAIL_DETAILS = {
    "not_worse_than_live": "perte {new} contre {bound}",
    "better_than_naive_bayes": "perte {new} contre {bound}",
    "better_than_base_rate": "perte {new} contre {bound}",
    "calibrated": "{new} bandes sur {bound} contiennent ce qui était annoncé",
    "same_data": "empreinte recalculée",
    "reproduced": "mêmes réglages, mêmes chances",
}
RAIL_DETAILS_BROKEN = {"same_data": "L’empreinte annoncée n’est pas celle des données de l’entreprise à cette date."}
AS_COUNTS = ("calibrated",)

METRICS = (
    ("auc", "AUC", "une piste signée passe avant une perdue", 3),
    ("log_loss", "Perte logarithmique", "plus bas est mieux", 3),
    ("brier", "Brier", "plus bas est mieux", 3),
    ("ece", "Écart de calibration", "annoncé contre observé", 3),
    ("lift_10", "Gain du premier dixième", "fois le taux moyen", 2),
)


def state_word(state: VersionState, language: str) -> str:
    """Return the word of a state."""
    return say(language, STATE_WORDS[state][0])


def state_tone(state: VersionState) -> str:
    """Return the tone of a state's tag."""
    return STATE_WORDS[state][1]


def figure(value: Any, decimals: int) -> str:
    """Return a figure with its decimals; a dash for none."""
    if value is None:
        return "—"
    return f"{value:.{decimals}f}".replace("-", MINUS)


def points(change: float) -> str:
    """Return a difference of two shares in points with its sign: `+12`, `−3`."""
    rounded = round(100 * change)
    return f"+{rounded}" if rounded > 0 else f"{MINUS}{abs(rounded)}" if rounded < 0 else "0"


def first_tenth_sentence(report: Mapping[str, Any], language: str) -> str:
    """Say what calling the best tenth first would have brought, with the new version instead of the live one."""
    new = percent(report["measured"]["first_tenth"])
    if report["live"] is None:
        return say(
            language,
            "Dans le premier dixième, {new} auraient signé, contre {base} en moyenne.",
            new=new,
            base=percent(report["measured"]["base_rate"]),
        )
    live = percent(report["live"]["measured"]["first_tenth"])
    if live == new:
        return say(language, "Dans le premier dixième, {new} auraient signé avec l’une comme avec l’autre.", new=new)
    return say(language, "Dans le premier dixième, {new} auraient signé au lieu de {live}.", new=new, live=live)


def past_sentence(report: Mapping[str, Any], language: str) -> str:
    """Say on which past the figures were measured, and how."""
    period = report["period"]
    said = say(
        language,
        "Même passé : {n_test} affaires closes reçues du {test_from} au {test_to}, apprises sur les {n_train} d’avant.",
        n_test=quantity(Decimal(period["n_test"])),
        n_train=quantity(Decimal(period["n_train"])),
        test_from=day(datetime.fromisoformat(period["test_from"])),
        test_to=day(datetime.fromisoformat(period["test_to"])),
    )
    if report["live"] is None:
        return said
    how = {
        "artifact": "La version en service n’avait vu aucune d’elles.",
        "recipe": "La version en service a été réapprise de même, sans les voir.",
    }
    return f"{said} {say(language, how[report['live']['by']])}"


def metric_rows(report: Mapping[str, Any], claimed: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Return one row per metric: recomputed, live, naive Bayes, base rate, and what the author claimed."""
    live = report["live"]["measured"] if report["live"] else {}
    said = claimed.get("measured", claimed)
    naive, flat = report["baselines"]["naive_bayes"], report["baselines"]["base_rate"]
    return [
        {
            "name": say(language, name),
            "meaning": say(language, meaning),
            "new": figure(report["measured"].get(key), decimals),
            "live": figure(live.get(key), decimals),
            "naive": figure(naive.get(key), decimals),
            "base": figure(flat.get(key), decimals),
            "claimed": figure(_number(said.get(key)), decimals),
        }
        for key, name, meaning, decimals in METRICS
    ]


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def rail_rows(report: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Return the guard-rails in words, with the figures compared."""
    return [_rail(rail, language) for rail in report["guard_rails"]]


def _rail(rail: Mapping[str, Any], language: str) -> dict[str, str]:
    name, holds = rail["name"], rail["holds"]
    detail = RAIL_DETAILS[name] if holds else RAIL_DETAILS_BROKEN.get(name, RAIL_DETAILS[name])
    decimals = 0 if name in AS_COUNTS else 3
    return {
        "holds": "yes" if holds else "",
        "text": say(language, RAILS[name]),
        "detail": say(language, detail, new=figure(rail["new"], decimals), bound=figure(rail["bound"], decimals)),
    }


def rails_kept(report: Mapping[str, Any], language: str) -> str:
    """Say how many guard-rails hold."""
    rails = report["guard_rails"]
    kept = sum(rail["holds"] for rail in rails)
    return say(language, "{kept} tenus sur {all}", kept=kept, all=len(rails))


def hit_rate_rows(rates: Sequence[HitRate], language: str) -> list[dict[str, str]]:
    """Return how often each announced tenth came true, as sentences, highest first."""
    return [
        {"sentence": hit_rate_sentence(rate, language), "kept": "yes" if rate.kept else ""} for rate in reversed(rates)
    ]


def hit_rate_sentence(rate: HitRate, language: str) -> str:
    """Say how often announcements of a tenth came true: `Quand nous disions 70–80 %, 31 sur 41 ont signé (61–86 %)`."""
    return say(
        language,
        "Quand nous disions {low}–{high} %, {won} sur {cases} ont signé ({from_}–{to} %)",
        low=round(100 * rate.band_from),
        high=round(100 * rate.band_to),
        won=rate.won,
        cases=rate.cases,
        from_=round(100 * rate.low),
        to=round(100 * rate.high),
    ).replace(" %", f"{NO_BREAK_SPACE}%")


VERDICTS = {
    Verdict.APPROVED: "approuvée le {day} par {name}",
    Verdict.REFUSED: "refusée le {day} par {name}",
    Verdict.ROLLED_BACK: "remise en service le {day} par {name}",
}
ALONE = "sans second regard"


def decision_line(decision: DecisionFacts, language: str) -> str:
    """Say what was decided, when, by whom; and that nobody else looked at it, if so."""
    said = say(language, VERDICTS[decision.verdict], day=day(decision.decided_at), name=decision.by_name)
    return f"{said}, {say(language, ALONE)}" if decision.alone else said


def version_line(facts: VersionFacts, language: str) -> str:
    """Say in a few words where a version stands."""
    if facts.state is VersionState.LIVE and facts.live_at:
        return say(language, "en service depuis le {day}", day=day(facts.live_at))
    if facts.state is VersionState.RETIRED and facts.retired_at:
        return say(language, "retirée le {day}", day=day(facts.retired_at))
    if facts.state is VersionState.PROPOSED and facts.proposed_at:
        return say(language, "proposée le {day}, pas en service", day=day(facts.proposed_at))
    return state_word(facts.state, language)
