"""What the manager's page shows of one version, and what can be decided there."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.access.fresh import ask_fresh_proof
from app.components import job_view
from app.doors import ask, do
from app.insights import charts, wording
from app.platform import handler, notify
from app.reason_words import reason_text
from app.session import current_actor
from app.text import day, percent, say
from db.access.rules import Actor, may
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import told_reasons
from db.insights.approvals.actions import approve, refuse, roll_back, try_again
from db.insights.approvals.queries import DecisionFacts, decisions, previous_version, work_under_way
from db.insights.proposals.queries import CheckFacts, VersionFacts, check_of, verified_file, version, versions
from db.insights.proposals.rules import MODELS, VersionState
from db.jobs.queries import JobStatus
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError, FreshProofNeeded, NotFound
from db.records.custom_fields.queries import hidden_keys
from db.session import reading

REPORT = "rapport de contrôle"
WATCH_SECONDS = 1.0


@dataclass(frozen=True)
class Review:
    """All that is read for the page."""

    facts: VersionFacts
    check: CheckFacts | None
    report: Mapping[str, Any] | None
    problem: str
    decided: list[DecisionFacts]
    others: list[VersionFacts]
    before: VersionFacts | None
    work: JobStatus | None
    names: dict[str, str]
    hidden: frozenset[str]  # columns that the reader may not know of


def read_review(by: Actor, model: str, number: int) -> Review:
    """Return what the page shows; the report's file is verified, and its alteration said instead of its figures."""
    facts = ask(by, version, model=model, number=number)
    check = ask(by, check_of, version_id=facts.id)
    report, problem = None, say(by.language, facts.problem or "")
    if check is not None:
        try:
            report = json.loads(verified_file(REPORT, check.report_sha256))
        except BusinessError as refusal:
            problem = say(by.language, refusal.sentence)
    return Review(
        facts=facts,
        check=check,
        report=report,
        problem=problem,
        decided=list(ask(by, decisions, model=model)),
        others=list(ask(by, versions, model=model)),
        before=ask(by, previous_version, model=model),
        work=ask(by, work_under_way, version_id=facts.id),
        names=_names(by, [move["lead_id"] for move in report["moves"]] if report else []),
        hidden=_hidden(by),
    )


def _hidden(by: Actor) -> frozenset[str]:
    with reading() as session:
        return hidden_keys(session, kind="lead", by=by)


def _first_reason(reasons: list[Mapping[str, Any]], hidden: frozenset[str], language: str) -> str:
    told = told_reasons(reasons, hidden)
    return reason_text(told[0], language) if told else ""


def _names(by: Actor, ids: list[str]) -> dict[str, str]:
    """Return the names of leads that the person may read."""
    found: dict[str, str] = {}
    if not may(by, "crm.read_leads"):
        return found
    for lead_id in ids:
        try:
            found[lead_id] = ask(by, lead_detail, lead_id=UUID(lead_id), by=by).name
        except NotFound:
            continue
    return found


class ReviewState(rx.State):
    """One version beside the live one."""

    is_loaded: bool = False
    missing: str = ""
    model_name: str = ""
    number: int = 0
    purpose: str = ""
    live_number: str = ""
    state_word: str = ""
    state_tone: str = ""
    state_code: str = ""
    author: str = ""
    note: str = ""
    facts_line: str = ""
    problem: str = ""
    has_report: bool = False
    tenth_sentence: str = ""
    past_sentence: str = ""
    tenth_new: str = ""
    tenth_live: str = ""
    tenth_change: str = ""
    live_label: str = ""
    metrics: list[dict[str, str]] = []
    rails: list[dict[str, str]] = []
    rails_kept: str = ""
    gain_new: str = ""
    gain_live: str = ""
    gain_area: str = ""
    label_new: dict[str, str] = {}
    label_live: dict[str, str] = {}
    gain_ticks: list[dict[str, str]] = []
    points_new: list[dict[str, str]] = []
    line_live: str = ""
    points_live: list[dict[str, str]] = []
    calibration_ticks: list[dict[str, str]] = []
    calibration_rows: list[dict[str, str]] = []
    moves: list[dict[str, str]] = []
    moves_line: str = ""
    frozen: str = ""
    frozen_problem: str = ""
    history: list[dict[str, str]] = []
    may_decide: bool = False
    may_roll_back: bool = False
    may_try_again: bool = False
    before_number: str = ""
    reason: str = ""
    refusal: str = ""
    job: dict[str, str] = {}
    is_working: bool = False
    _id: str = ""
    _row_version: int = 0

    @handler("insights.read_models")
    async def load(self) -> Any:
        """Read the version that the address names."""
        self.refusal, self.reason = "", ""
        await self._read()
        return ReviewState.watch if self.is_working else None

    async def _read(self) -> None:
        actor = await current_actor(self)
        model, number = _from_path(self.router.url.path)
        try:
            review = await asyncio.to_thread(read_review, actor, model, number)
        except BusinessError as refusal:
            self.missing, self.is_loaded = say(actor.language, refusal.message_id, **refusal.params), True
            return
        self.missing = ""
        self._show_facts(review, actor)
        self._show_report(review, actor.language)
        self._show_history(review, actor.language)
        self._show_rights(review, actor)
        self.is_loaded = True

    def _show_facts(self, review: Review, actor: Actor) -> None:
        facts, language = review.facts, actor.language
        self._id, self._row_version = str(facts.id), facts.row_version
        self.model_name, self.number = facts.model, facts.version
        self.purpose = say(language, MODELS[facts.model])
        self.state_code = facts.state.value
        self.state_word = wording.state_word(facts.state, language)
        self.state_tone = wording.state_tone(facts.state)
        self.author, self.note, self.problem = facts.author_name, facts.note, review.problem
        live = next((other for other in review.others if other.state is VersionState.LIVE), None)
        self.live_number = str(live.version) if live and live.id != facts.id else ""
        self.facts_line = say(
            language,
            "Apprise sur ce qui était connu le {cutoff}. Remise le {handed_in}.",
            cutoff=day(facts.cutoff_at),
            handed_in=day(facts.handed_in_at),
        )

    def _show_report(self, review: Review, language: str) -> None:
        report = review.report
        self.has_report = report is not None
        if report is None:
            return
        self.tenth_sentence = wording.first_tenth_sentence(report, language)
        self.past_sentence = wording.past_sentence(report, language)
        self.metrics = wording.metric_rows(report, review.facts.claimed, language)
        self.rails = wording.rail_rows(report, language)
        self.rails_kept = wording.rails_kept(report, language)
        self.frozen = (review.check.frozen_sha256 if review.check else "") or ""
        self.frozen_problem = say(language, (review.check.frozen_problem if review.check else "") or "")
        self._show_figures(report, language)
        self._draw(report)
        self._show_moves(report, review, language)

    def _show_figures(self, report: Mapping[str, Any], language: str) -> None:
        new, live = report["measured"]["first_tenth"], report["live"]
        before = live["measured"]["first_tenth"] if live else report["measured"]["base_rate"]
        self.tenth_new, self.tenth_live = percent(new), percent(before)
        self.tenth_change = say(language, "{points} points", points=wording.points(new - before))
        self.live_label = f"v{live['version']}" if live else say(language, "taux moyen")

    def _draw(self, report: Mapping[str, Any]) -> None:
        live = report["live"]
        flat = [{"contacted": point["contacted"], "caught": point["contacted"]} for point in report["gain"]]
        other_gain = live["gain"] if live else flat
        other = live["calibration"] if live else []
        most = charts.scale(report["calibration"], other)
        self.gain_new, self.gain_live = charts.gain_line(report["gain"]), charts.gain_line(other_gain)
        self.gain_area = charts.gain_area(report["gain"], other_gain)
        is_better = sum(point["caught"] for point in report["gain"]) >= sum(point["caught"] for point in other_gain)
        self.label_new = charts.label_place(report["gain"], above=is_better)
        self.label_live = charts.label_place(other_gain, above=not is_better)
        self.gain_ticks = charts.axis(charts.GAIN, 1.0)
        self.points_new = charts.calibration_points(report["calibration"], most)
        self.line_live = charts.calibration_line(other, most)
        self.points_live = charts.calibration_points(other, most)
        self.calibration_ticks = charts.axis(charts.CALIBRATION, most)
        self.calibration_rows = charts.numbers_of(report["calibration"])

    def _show_moves(self, report: Mapping[str, Any], review: Review, language: str) -> None:
        names = review.names
        self.moves = [
            {
                "name": names.get(move["lead_id"], say(language, "piste supprimée ou non lisible")),
                "href": routes.lead(move["lead_id"]) if move["lead_id"] in names else "",
                "live": percent(move["live"]),
                "new": percent(move["new"]),
                "change": wording.points(move["new"] - move["live"]),
                "up": "yes" if move["new"] > move["live"] else "",
                "reason": _first_reason(move["reasons"], review.hidden, language),
            }
            for move in report["moves"]
        ]
        self.moves_line = say(
            language, "{shown} sur {all} pistes ouvertes", shown=len(self.moves), all=report["open_leads"]
        )

    def _show_history(self, review: Review, language: str) -> None:
        decided: dict[UUID, DecisionFacts] = {}
        for decision in review.decided:
            decided.setdefault(decision.version_id, decision)
        self.history = [
            {
                "number": f"v{other.version}",
                "href": routes.model_version(other.model, other.version),
                "line": wording.version_line(other, language),
                "why": decided[other.id].reason if other.id in decided else say(language, other.problem or ""),
                "by": wording.decision_line(decided[other.id], language) if other.id in decided else "",
            }
            for other in review.others
        ]

    def _show_rights(self, review: Review, actor: Actor) -> None:
        facts, work = review.facts, review.work
        self.may_decide = facts.state is VersionState.PROPOSED and may(actor, "insights.approve_model")
        self.before_number = f"v{review.before.version}" if review.before else ""
        is_live = facts.state is VersionState.LIVE
        self.may_roll_back = is_live and review.before is not None and may(actor, "insights.roll_back")
        self.is_working = work is not None and work.state in (JobState.WAITING, JobState.RUNNING)
        stuck = facts.state is VersionState.APPROVED and not self.is_working
        self.may_try_again = stuck and may(actor, "insights.approve_model")
        shows = work is not None and (self.is_working or work.state is JobState.FAILED)
        self.job = job_view(work, actor.language) if work is not None and shows else {}

    @handler("insights.read_models", background=True)
    async def watch(self) -> None:
        """Show how the work advances until it has ended."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            async with self:
                await self._read()
                if not self.is_working:
                    return

    @handler("insights.approve_model")
    def set_reason(self, text: str) -> None:
        """Keep the reason while it is typed."""
        self.reason, self.refusal = text, ""

    @handler("insights.approve_model")
    async def approve(self, version_id: str, row_version: int, reason: str) -> Any:
        """Put the version into service."""
        actor = await current_actor(self)
        try:
            await asyncio.to_thread(
                do, actor, approve, version_id=UUID(version_id), reason=reason, expected_version=row_version
            )
        except FreshProofNeeded:
            await ask_fresh_proof(self, ReviewState.approve(version_id, row_version, reason))
            return None
        except BusinessError as refusal:
            self.refusal = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return await self._after("Approuvée. Les chances sont recalculées, puis montrées ensemble.")

    @handler("insights.approve_model")
    async def decide(self, form: dict[str, str]) -> Any:
        """Approve what the form's button asks for, with the reason typed."""
        return ReviewState.approve(self._id, self._row_version, form.get("reason", ""))

    @handler("insights.approve_model")
    async def refuse(self) -> Any:
        """Refuse the version with the reason typed."""
        return await self._do(
            "Refusée. Rien ne change pour la vente.",
            refuse,
            version_id=UUID(self._id),
            reason=self.reason,
            expected_version=self._row_version,
        )

    @handler("insights.roll_back")
    async def roll_back(self) -> Any:
        """Put the version before back."""
        actor = await current_actor(self)
        reason = say(actor.language, "Retour à la version précédente depuis la page de revue")
        return await self._do("Retour demandé : les mêmes chances qu’alors reviennent.", roll_back, reason=reason)

    @handler("insights.approve_model")
    async def try_again(self) -> Any:
        """Ask again for the work that failed."""
        return await self._do("Nouvel essai demandé.", try_again, version_id=UUID(self._id))

    async def _do(self, done: str, action: Any, **arguments: Any) -> Any:
        actor = await current_actor(self)
        if action is roll_back:
            arguments["model"] = self.model_name
        try:
            await asyncio.to_thread(do, actor, action, **arguments)
        except BusinessError as refusal:
            self.refusal = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return await self._after(done)

    async def _after(self, done: str) -> Any:
        self.reason, self.refusal = "", ""
        await self._read()
        return [notify(done), ReviewState.watch]


def _from_path(path: str) -> tuple[str, int]:
    """Return model and number that an address names; number 0, which no version has, for anything else."""
    parts = path.strip("/").split("/")
    number = parts[2] if len(parts) > 2 else ""
    return (parts[1] if len(parts) > 1 else ""), int(number) if number.isdecimal() and len(number) < 9 else 0
