"""The signature of Boussole: a probability with its interval, its reason, its version."""

from typing import Any

import reflex as rx

from app.text import t


class ProbabilityMark(rx.Component):
    """The drawing (`mark.jsx`); shares from 0 to 1, null for an abstention."""

    library = f"$/public{rx.asset('mark.jsx', shared=True)}"
    tag = "ProbabilityMark"
    p: rx.Var[Any]
    low: rx.Var[Any]
    high: rx.Var[Any]
    hollow: rx.Var[Any]
    width: rx.Var[int]
    interval: rx.Var[bool]
    label: rx.Var[str]
    label_none: rx.Var[str]


def probability_mark(
    p: Any, low: Any = None, high: Any = None, hollow: Any = False, *, width: int = 48, interval: bool = True
) -> rx.Component:
    """Draw a probability with its interval (all from 0 to 1; values or Vars; `p` None: no probability).

    `hollow`: the measured hit rate lies outside the interval of what was announced at this level. Widths: 40 in dense
    lists, 48 in lists, 56 alone, 150 in a record.
    """
    return ProbabilityMark.create(
        p=p,
        low=low,
        high=high,
        hollow=hollow,
        width=width,
        interval=interval,
        label=t("{p}, entre {low} et {high}"),
        label_none=t("pas de probabilité"),
    )


def reason_line(*sentence: Any, **props: Any) -> rx.Component:
    """Hang a reason from the number that it explains: one sentence, with the figures compared."""
    return rx.el.div(*sentence, class_name="why", **props)


def stamp(text: Any, detail: Any = "", **props: Any) -> rx.Component:
    """Say which version and day a figure is from; `detail` (dotted) is how it has fared so far."""
    parts = rx.cond(detail, rx.fragment(", ", rx.el.u(detail))) if isinstance(detail, rx.Var) else _dotted(detail)
    return rx.el.span(rx.el.span(text, parts), class_name="stamp", **props)


def _dotted(detail: str) -> rx.Component:
    return rx.fragment(", ", rx.el.u(detail)) if detail else rx.fragment()
