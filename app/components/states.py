"""What stands where there is nothing, something went wrong, or something is being done."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import reflex as rx

from app.text import quantity, say, t
from db.jobs.queries import JobStatus
from db.jobs.rules import JobState

OPEN_STATES = (JobState.WAITING, JobState.RUNNING)


def empty_state(title: Any, sentence: Any = "", *actions: rx.Component) -> rx.Component:
    """Say what is empty, when it will not be, and offer one button. No drawing."""
    return rx.el.div(
        rx.el.div(title, class_name="md"),
        rx.el.div(sentence, class_name="m s"),
        rx.el.div(*actions, class_name="row g6") if actions else rx.fragment(),
        class_name="empty",
    )


def error_state(title: Any, sentence: Any, *actions: rx.Component) -> rx.Component:
    """Say what did not happen, which facts disagree, and what to do."""
    return rx.el.div(
        rx.el.div(title, class_name="md red"),
        rx.el.div(sentence, class_name="s"),
        rx.el.div(*actions, class_name="row g6") if actions else rx.fragment(),
        class_name="callout error",
        role="alert",
    )


def job_view(job: JobStatus, language: str) -> dict[str, str]:
    """Return what `progress_bar` shows of a job, in a person's language."""
    share = 100 if job.state == JobState.DONE else (100 * job.done // job.total if job.total else 0)
    figures = f"{quantity(Decimal(job.done))} / {quantity(Decimal(job.total))}" if job.total else ""
    return {
        "id": str(job.id),
        "state": job.state.value,
        "share": str(min(share, 100)),
        "figures": figures,
        "message": say(language, job.message),
        "error": say(language, job.error) if job.error else "",
        "is_open": "yes" if job.state in OPEN_STATES else "",
    }


def progress_bar(job: rx.Var[dict[str, str]] | Mapping[str, str], on_cancel: Any = None) -> rx.Component:
    """Draw how a job stands (a `job_view`): bar, figures, message; when it failed, why."""
    seen = job if isinstance(job, rx.Var) else rx.Var.create(dict(job)).to(dict[str, str])
    cancel = (
        rx.el.button(t("Arrêter"), type="button", class_name="btn sm q", on_click=on_cancel)
        if on_cancel is not None
        else None
    )
    return rx.el.div(
        rx.el.div(
            rx.el.div(class_name="bar", style={"width": seen["share"] + "%"}),
            class_name="track",
            role="progressbar",
            custom_attrs={"aria-valuenow": seen["share"], "aria-valuemin": "0", "aria-valuemax": "100"},
        ),
        rx.el.div(
            rx.match(
                seen["state"],
                ("waiting", t("en attente")),
                ("running", seen["message"]),
                ("done", t("terminé")),
                ("cancelled", t("arrêté")),
                t("non terminé"),
            ),
            rx.el.span(class_name="sp"),
            rx.el.span(seen["figures"], class_name="f"),
            *([rx.cond(seen["is_open"] != "", cancel)] if cancel is not None else []),
            class_name="row s",
        ),
        rx.cond(seen["error"] != "", rx.el.div(seen["error"], class_name="s red", role="alert")),
        class_name="job",
    )
