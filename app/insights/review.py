"""The manager's page: one version against the live one on the same past, and the decision."""

from typing import Any

import reflex as rx

from app import routes
from app.components import error_state, progress_bar, reason_line, section, tag
from app.insights.charts import CALIBRATION, GAIN
from app.insights.review_state import ReviewState
from app.platform import native_form
from app.shell import screen
from app.text import t


def _head() -> rx.Component:
    return rx.fragment(
        rx.el.a(t("Modèles"), href=routes.MODELS, class_name="m"),
        rx.el.span("/", class_name="f"),
        rx.el.h1(ReviewState.purpose, ", v", ReviewState.number.to_string()),
        tag(ReviewState.state_word, ReviewState.state_tone),
        rx.el.span(class_name="sp"),
        rx.cond(ReviewState.frozen != "", _frozen_button()),
    )


def _frozen_button() -> rx.Component:
    return native_form(
        rx.el.input(type="hidden", name="kind", value="read"),
        rx.el.input(type="hidden", name="subject", value=ReviewState.frozen),
        rx.el.button(
            rx.icon("notebook-text", size=13, class_name="i s"), t("Carnet figé"), type="submit", class_name="btn q sm"
        ),
        action="/notebooks/open",
        method="post",
        custom_attrs={"target": "_blank"},
    )


@screen(
    route=routes.MODEL_VERSION,
    title="Revue de version",
    permission="insights.read_models",
    on_load=ReviewState.load,
    head=_head,
    shows_title=False,
    keys=[("Ctrl ↵", "mettre en service"), ("R", "refuser"), ("B", "retour arrière")],
)
def review() -> rx.Component:
    """Draw the review."""
    return rx.cond(
        ReviewState.missing != "",
        rx.el.div(error_state(t("Version introuvable"), ReviewState.missing), class_name="sect"),
        rx.cond(ReviewState.is_loaded, rx.el.div(_main(), _side(), class_name="review")),
    )


def _main() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ReviewState.problem != "",
            rx.el.div(error_state(t("Ce qui ne va pas"), ReviewState.problem), class_name="sect"),
        ),
        rx.cond(
            ReviewState.has_report,
            rx.fragment(_summary(), _pictures(), _numbers()),
            rx.el.div(
                rx.el.div(ReviewState.note, class_name="md"),
                reason_line(ReviewState.facts_line),
                class_name="sum",
            ),
        ),
        class_name="col review-main",
    )


def _summary() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _big(rx.fragment(t("Premier dixième"), ", ", ReviewState.live_label), ReviewState.tenth_live, "m"),
            _big(rx.fragment(t("Le même passé avec la"), " v", ReviewState.number.to_string()), ReviewState.tenth_new),
            _big(t("Écart"), ReviewState.tenth_change, "act"),
            class_name="row figures",
        ),
        rx.el.p(ReviewState.tenth_sentence, class_name="md tenth"),
        reason_line(ReviewState.past_sentence),
        class_name="sum",
    )


def _big(label: Any, value: Any, tone: str = "") -> rx.Component:
    return rx.el.div(rx.el.small(label), rx.el.b(value, class_name=tone))


def _pictures() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h2(
                t("Qui appeler d’abord"),
                rx.el.span(
                    t("part des signatures atteintes selon la part des pistes appelées, %"), class_name="f aside"
                ),
            ),
            _gain(),
        ),
        rx.el.div(
            rx.el.h2(t("Ses pour-cent tiennent-ils ?"), rx.el.span(t("annoncé, observé, %"), class_name="f aside")),
            _calibration(),
            rx.el.details(
                rx.el.summary(t("Voir les chiffres"), class_name="lk s"),
                _calibration_table(),
            ),
        ),
        class_name="two pictures",
    )


def _gain() -> rx.Component:
    svg = rx.el.svg
    return svg(
        rx.foreach(ReviewState.gain_ticks, lambda tick: _tick(tick, GAIN)),
        svg.polygon(points=ReviewState.gain_area, fill="var(--ac-95)"),
        svg.polyline(points=ReviewState.gain_live, fill="none", stroke="var(--t3)", stroke_width="1.5"),
        svg.polyline(points=ReviewState.gain_new, fill="none", stroke="var(--ac)", stroke_width="2"),
        svg.text(
            "v",
            ReviewState.number.to_string(),
            x=ReviewState.label_new["x"],
            y=ReviewState.label_new["y"],
            font_size="11",
            font_weight="600",
            fill="var(--ac-t)",
            text_anchor="end",
        ),
        svg.text(
            ReviewState.live_label,
            x=ReviewState.label_live["x"],
            y=ReviewState.label_live["y"],
            font_size="11",
            fill="var(--t2)",
        ),
        view_box="0 0 484 226",
        role="img",
        aria_label=ReviewState.tenth_sentence,
        class_name="chart wide",
    )


def _calibration() -> rx.Component:
    svg = rx.el.svg
    left, top = CALIBRATION["left"], CALIBRATION["top"]
    right, bottom = left + CALIBRATION["width"], top + CALIBRATION["height"]
    diagonal = svg.line(
        x1=str(left), y1=str(bottom), x2=str(right), y2=str(top), stroke="var(--line-ctl)", stroke_dasharray="2 3"
    )
    return svg(
        rx.foreach(ReviewState.calibration_ticks, lambda tick: _tick(tick, CALIBRATION)),
        diagonal,
        svg.polyline(points=ReviewState.line_live, fill="none", stroke="var(--t3)", stroke_width="1"),
        rx.foreach(ReviewState.points_live, _hollow),
        rx.foreach(ReviewState.points_new, _filled),
        view_box="0 0 300 226",
        role="img",
        aria_label=t("Taux annoncé et taux observé, par dixième des pistes, avec l’intervalle à 95 %"),
        class_name="chart",
    )


def _tick(tick: Any, box: dict[str, float]) -> rx.Component:
    svg = rx.el.svg
    return rx.fragment(
        svg.line(
            x1=str(box["left"]), x2=str(box["left"] + box["width"]), y1=tick["y"], y2=tick["y"], stroke="var(--line)"
        ),
        svg.text(tick["label"], x="28", y=tick["y_text"], font_size="11", fill="var(--t3)", text_anchor="end"),
        svg.text(tick["label"], x=tick["x"], y="220", font_size="11", fill="var(--t3)", text_anchor="middle"),
    )


def _hollow(point: Any) -> rx.Component:
    return rx.el.svg.circle(
        cx=point["x"], cy=point["y"], r="2.5", fill="var(--surface)", stroke="var(--t3)", stroke_width="1.2"
    )


def _filled(point: Any) -> rx.Component:
    svg = rx.el.svg
    return svg.g(
        svg.line(
            x1=point["x"], x2=point["x"], y1=point["high"], y2=point["low"], stroke="var(--ac-band)", stroke_width="4"
        ),
        svg.circle(svg.title(point["label"]), cx=point["x"], cy=point["y"], r="3", fill="var(--ac)"),
    )


def _calibration_table() -> rx.Component:
    heads = (t("Annoncé"), t("Observé"), t("95 %"), t("Signées"))
    names = ("announced", "observed", "interval", "cases")
    return rx.el.table(
        rx.el.thead(rx.el.tr(*[rx.el.th(head, class_name="r") for head in heads])),
        rx.el.tbody(
            rx.foreach(
                ReviewState.calibration_rows,
                lambda row: rx.el.tr(*[rx.el.td(row[name], class_name="r") for name in names]),
            )
        ),
        class_name="cs",
    )


def _numbers() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h2(t("Mesures"), rx.el.span(t("recalculées par Boussole"), class_name="f aside")),
            _metric_table(),
            rx.el.div(ReviewState.note, class_name="md note"),
            reason_line(ReviewState.author, ". ", ReviewState.facts_line),
            rx.cond(ReviewState.frozen_problem != "", rx.el.div(ReviewState.frozen_problem, class_name="s amb")),
        ),
        rx.el.div(
            rx.el.h2(t("Ce qui bouge le plus"), rx.el.span(ReviewState.moves_line, class_name="f aside")),
            _move_table(),
        ),
        class_name="two numbers",
    )


def _metric_table() -> rx.Component:
    number = rx.fragment("v", ReviewState.number.to_string())
    heads: list[Any] = [number, ReviewState.live_label, t("Naïf"), t("Taux"), t("Carnet")]
    return rx.el.table(
        rx.el.thead(rx.el.tr(rx.el.th(t("Mesure")), *[rx.el.th(head, class_name="r") for head in heads])),
        rx.el.tbody(rx.foreach(ReviewState.metrics, _metric)),
        class_name="cs metrics",
    )


def _metric(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row["name"], reason_line(row["meaning"])),
        rx.el.td(row["new"], class_name="r md act"),
        rx.el.td(row["live"], class_name="r"),
        rx.el.td(row["naive"], class_name="r f"),
        rx.el.td(row["base"], class_name="r f"),
        rx.el.td(row["claimed"], class_name="r f", title=t("Annoncé par le carnet, non retenu")),
    )


def _move_table() -> rx.Component:
    number = rx.fragment("v", ReviewState.number.to_string())
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("Piste")),
                rx.el.th(ReviewState.live_label, class_name="r"),
                rx.el.th(number, class_name="r"),
                rx.el.th(t("Points"), class_name="r"),
            )
        ),
        rx.el.tbody(rx.foreach(ReviewState.moves, _move)),
        class_name="cs moves",
    )


def _move(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.cond(row["href"] != "", rx.el.a(row["name"], href=row["href"]), rx.el.span(row["name"], class_name="f")),
            rx.cond(row["reason"] != "", reason_line(row["reason"])),
        ),
        rx.el.td(row["live"], class_name="r f"),
        rx.el.td(row["new"], class_name="r act md"),
        rx.el.td(row["change"], class_name="r md"),
    )


def _side() -> rx.Component:
    return rx.el.aside(
        rx.cond(ReviewState.has_report, _rails()),
        rx.cond(ReviewState.job.length() > 0, section(t("Travail en cours"), progress_bar(ReviewState.job))),
        rx.cond(ReviewState.may_decide, _decision()),
        rx.cond(
            ReviewState.may_try_again,
            section(
                t("Mise en service interrompue"),
                rx.el.button(t("Essayer de nouveau"), on_click=ReviewState.try_again, type="button", class_name="btn"),
            ),
        ),
        _back(),
        class_name="side col",
    )


def _rails() -> rx.Component:
    return section(t("Garde-fous"), rx.foreach(ReviewState.rails, _rail), aside=ReviewState.rails_kept)


def _rail(row: Any) -> rx.Component:
    holds = row["holds"] != ""
    return rx.el.div(
        rx.cond(
            holds,
            rx.icon("check", size=13, class_name="i s grn", aria_label=t("tenu")),
            rx.icon("triangle-alert", size=13, class_name="i s amb", aria_label=t("pas tenu")),
        ),
        rx.el.span(row["text"], rx.cond(row["detail"] != "", reason_line(row["detail"]))),
        class_name="ch",
    )


def _decision() -> rx.Component:
    return rx.el.form(
        rx.el.h2(t("Décision")),
        rx.el.label(
            rx.el.span(t("Raison, gardée au journal"), class_name="lb"),
            rx.el.textarea(
                name="reason", required=True, max_length=2000, on_blur=ReviewState.set_reason, class_name="reason"
            ),
            class_name="fld",
        ),
        rx.cond(ReviewState.refusal != "", rx.el.div(ReviewState.refusal, class_name="s red", role="alert")),
        rx.el.div(
            rx.el.button(
                t("Mettre en service"),
                rx.el.kbd("Ctrl ↵"),
                type="submit",
                class_name="btn p grow",
                custom_attrs=_key("ctrl+Enter", t("Mettre en service")),
            ),
            rx.el.button(
                t("Refuser"),
                rx.el.kbd("R"),
                type="button",
                on_click=ReviewState.refuse,
                class_name="btn",
                custom_attrs=_key("r", t("Refuser")),
            ),
            class_name="row g6",
        ),
        rx.el.div(
            rx.cond(
                ReviewState.live_number != "",
                rx.fragment(t("Sans décision, reste en service la"), " v", ReviewState.live_number, "."),
                t("Sans décision, le taux du secteur reste montré."),
            ),
            class_name="s f",
        ),
        on_submit=ReviewState.decide,
        class_name="sect decision",
    )


def _key(pressed: str, does: Any) -> dict[str, Any]:
    return {"data-key": pressed, "data-key-label": does}


def _back() -> rx.Component:
    return section(
        t("Versions"),
        rx.cond(
            ReviewState.may_roll_back,
            rx.fragment(
                rx.el.div(t("Revenir rend tout de suite les mêmes chances qu’alors."), class_name="s m"),
                rx.el.button(
                    rx.icon("undo-2", size=13, class_name="i s"),
                    t("Revenir à la version précédente"),
                    " (",
                    ReviewState.before_number,
                    ")",
                    type="button",
                    on_click=ReviewState.roll_back,
                    class_name="btn",
                    custom_attrs=_key("b", t("Revenir à la version précédente")),
                ),
                rx.cond(
                    (ReviewState.refusal != "") & ~ReviewState.may_decide,  # type: ignore[operator]
                    rx.el.div(ReviewState.refusal, class_name="s red", role="alert"),
                ),
            ),
        ),
        rx.el.div(rx.foreach(ReviewState.history, _past), class_name="tl"),
    )


def _past(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.a(row["number"], href=row["href"], class_name="b md"),
        rx.el.span(
            row["line"],
            rx.cond(row["by"] != "", reason_line(row["by"])),
            rx.cond(row["why"] != "", reason_line(row["why"])),
            class_name="m",
        ),
    )
