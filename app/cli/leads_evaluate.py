"""`boussole leads evaluate FILE --target COL`: how good the lead score would be on any file; needs no database."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from workspace.evaluation import Evaluation

FEWEST_ROWS = 20
FIGURES = ("auc", "log_loss", "brier", "ece", "lift_10")


class Refused(Exception):
    """What was asked cannot be measured; the message says why in one sentence."""


def register(subparsers: Any) -> None:
    """Declare `boussole leads evaluate`."""
    group = subparsers.add_parser("leads", help="évaluer le modèle des pistes sur un fichier")
    commands = group.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
    command = commands.add_parser("evaluate", help="mesurer le modèle des pistes sur un fichier", description=__doc__)
    declare(command)
    command.set_defaults(run=measure)


def declare(made: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    made.add_argument("file", type=Path, metavar="FILE", help="CSV of leads, .gz too")
    made.add_argument("--target", required=True, metavar="COL", help="column with two answers, won or lost")
    made.add_argument("--time", metavar="COL", help="column that orders the leads; the last share is the test")
    made.add_argument("--drop", action="append", default=[], metavar="COL", help="column not to look at (repeatable)")
    made.add_argument("--test-share", type=float, default=0.3, metavar="SHARE")
    made.add_argument("--seed", type=int, default=0, metavar="N")
    made.add_argument("--predictions", type=Path, metavar="OUT.csv", help="write row, probability, baseline, outcome")
    made.add_argument("--refit-every", type=int, metavar="N", help="with --time: refit every N test rows")
    made.add_argument("--label-delay", type=int, default=0, metavar="D", help="rows until an outcome is known")
    made.add_argument("--json", action="store_true", help="figures as JSON")


def measure(arguments: argparse.Namespace) -> int:
    """Measure the lead score on a file and print the figures; 0 when done, 2 when it cannot be."""
    from workspace.models.lead_score.reading import UnreadableLeads

    try:
        report = evaluate(arguments)
    except (Refused, UnreadableLeads) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    print(json.dumps(report, ensure_ascii=False, indent=2) if arguments.json else as_text(report))
    return 0


def evaluate(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the figures of one run, by the names of the JSON output.

    Raises: Refused, UnreadableLeads.
    """
    from workspace.models.lead_score.reading import read_lead_file

    _check(arguments)
    leads = read_lead_file(arguments.file)
    frame, outcome, known_at = _split(leads, arguments)
    evaluation = _evaluation(frame, outcome, known_at, arguments)
    if arguments.predictions is not None:
        _write(evaluation, arguments.predictions)
    return _report(evaluation, arguments)


def _check(arguments: argparse.Namespace) -> None:
    if not 0 < arguments.test_share < 1:
        raise Refused(f"The test share must lie between 0 and 1, found {arguments.test_share}.")
    if arguments.refit_every is not None and arguments.time is None:
        raise Refused("Refitting along the test needs the order of the leads: give --time as well.")
    if arguments.refit_every is not None and arguments.refit_every < 1:
        raise Refused(f"Refit at least every row, found {arguments.refit_every}.")
    if arguments.label_delay < 0:
        raise Refused(f"The label delay counts rows and cannot be negative, found {arguments.label_delay}.")


def _split(
    leads: "pd.DataFrame", arguments: argparse.Namespace
) -> "tuple[pd.DataFrame, pd.Series[bool], pd.Series[float] | None]":
    """Return fields, outcome and order of the leads whose outcome is known, in that order."""
    from workspace.models.lead_score.reading import outcome_of, time_order

    asked = [arguments.target, *arguments.drop, *([arguments.time] if arguments.time else [])]
    missing = [name for name in asked if name not in leads.columns]
    if missing:
        raise Refused(f"The file has no column {', '.join(missing)}; it has {', '.join(leads.columns)}.")
    answered = outcome_of(leads[arguments.target])
    known = answered.notna()
    if known.sum() < FEWEST_ROWS:
        raise Refused(f"The file has {known.sum()} leads with an outcome; at least {FEWEST_ROWS} are needed.")
    leads, outcome = leads[known], answered[known].astype(bool)
    frame = leads.drop(columns=list(dict.fromkeys(asked)))
    if arguments.time is None:
        return frame, outcome, None
    order = time_order(leads[arguments.time]).sort_values(kind="stable")
    return frame.loc[order.index], outcome.loc[order.index], order


def _evaluation(
    frame: "pd.DataFrame",
    outcome: "pd.Series[bool]",
    known_at: "pd.Series[float] | None",
    arguments: argparse.Namespace,
) -> "Evaluation":
    from workspace import evaluation as measured
    from workspace.models.lead_score.fitters import naive_bayes, refitted, score_by_folds, score_by_time

    share, seed = arguments.test_share, arguments.seed
    _check_classes(frame, outcome, arguments, measured.train_rows(len(frame), share))
    if known_at is None:
        fit = score_by_folds(seed=seed)
        return measured.evaluate_random(frame, outcome, fit=fit, baseline=naive_bayes, test_share=share, seed=seed)
    if arguments.refit_every is None:
        fit = score_by_time(seed=seed, test_share=share)
        return measured.evaluate_by_time(frame, outcome, known_at, fit=fit, baseline=naive_bayes, test_share=share)
    return measured.refit_run(
        frame,
        outcome,
        fit=refitted(seed=seed, every=arguments.refit_every, delay=arguments.label_delay),
        baseline=naive_bayes,
        test_share=share,
        every=arguments.refit_every,
        delay=arguments.label_delay,
    )


def _check_classes(frame: "pd.DataFrame", outcome: "pd.Series[bool]", arguments: argparse.Namespace, cut: int) -> None:
    if cut < 1 or cut >= len(frame):
        raise Refused(f"A test share of {arguments.test_share} leaves no lead to fit on or none to test.")
    if arguments.time is not None:
        known = outcome.iloc[: max(0, cut - (arguments.label_delay if arguments.refit_every else 0))]
        if known.nunique() < 2:
            raise Refused("Before the test only one outcome is known; a longer past or a smaller test is needed.")


def _report(evaluation: "Evaluation", arguments: argparse.Namespace) -> dict[str, object]:
    def figures(name: str) -> dict[str, object]:
        values = getattr(evaluation, name).as_dict()
        return {key: values[key] for key in FIGURES}

    return {
        "file": str(arguments.file),
        "target": arguments.target,
        "split": "random" if arguments.time is None else f"last {arguments.test_share:.0%} by {arguments.time}",
        "n_train": evaluation.n_train,
        "n_test": evaluation.metrics.n,
        "base_rate": evaluation.metrics.base_rate,
        **figures("metrics"),
        "baseline": figures("baseline"),
        "base_rate_only": figures("base_rate_only"),
    }


def _write(evaluation: "Evaluation", path: Path) -> None:
    try:
        evaluation.predictions.rename_axis("row").to_csv(path)
    except OSError as error:
        raise Refused(f"The predictions cannot be written to {path}: {error.strerror}.") from error


def as_text(report: dict[str, object]) -> str:
    """Return the figures as a table a person reads."""
    rows: list[tuple[str, Callable[[object], str]]] = [
        ("auc", _decimal),
        ("log_loss", _decimal),
        ("brier", _decimal),
        ("ece", _decimal),
        ("lift_10", _decimal),
    ]
    sides = [report, report["baseline"], report["base_rate_only"]]
    lines = [
        f"{report['file']}: {report['n_train']} leads to fit, {report['n_test']} to test ({report['split']})",
        f"{report['base_rate']:.1%} won in the test",
        f"{'':10}{'Boussole':>12}{'naive Bayes':>14}{'base rate':>12}",
    ]
    for name, show in rows:
        score, naive, flat = (show(side[name]) for side in sides)  # type: ignore[index]
        lines.append(f"{name:10}{score:>12}{naive:>14}{flat:>12}")
    return "\n".join(lines)


def _decimal(value: object) -> str:
    return "–" if value is None else f"{value:.4f}"
