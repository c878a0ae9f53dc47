"""`/bienvenue`: create the firm and its administrator, or try the demonstration."""

import asyncio
import math

import reflex as rx

from app import routes
from app.access.forms import entry, hidden, note_of, why_refused
from app.access.posted import is_local
from app.access.setup_link import is_right
from app.doors import ask
from app.exchange.arrival import arrival_under_way
from app.frame import Frame
from app.language import Language
from app.navigation import compass
from app.platform import PUBLIC, handler, native_form, register_screen
from app.text import say, t
from db.access.company.rules import clean_uid, shown_uid
from db.access.people.queries import count_users
from db.access.rules import NOBODY
from db.kernel.errors import BadInput
from db.session import DEMO, open_company

ROSE_SIZE = 780
NEEDLE_DEGREES = 24


class Welcome(rx.State):
    """What the first page shows."""

    sentence: str = ""
    setup_token: str = ""
    may_set_up: bool = True
    uid: str = ""
    uid_is_right: bool = False
    uid_problem: str = ""
    company: str = ""
    name: str = ""
    email: str = ""

    @handler(PUBLIC)
    async def load(self) -> rx.event.EventSpec | None:
        """Show an empty form, or what was typed before a refusal; once somebody exists lead on to signing in."""
        if open_company() == DEMO or await asyncio.to_thread(ask, NOBODY, count_users) > 0:
            return rx.redirect(routes.SIGN_IN)
        if await asyncio.to_thread(arrival_under_way) is not None:
            return rx.redirect(f"{routes.ARRIVAL}{self.router.url.query and '?' + self.router.url.query}")
        note, self.sentence = await note_of(self)
        self.company, self.uid = note.typed.get("company", ""), note.typed.get("uid", "")
        self.name, self.email = note.typed.get("name", ""), note.typed.get("email", "")
        self.uid_is_right, self.uid_problem = False, ""
        self.setup_token = self.router.url.query_parameters.get("jeton", "")
        here = is_local(self.router.session.client_ip, self.router.headers.raw_headers)
        self.may_set_up = here or is_right(self.setup_token)
        return None

    @handler(PUBLIC)
    async def check_uid(self, typed: str) -> None:
        """Say whether the number's check digit is right, and write it as people do."""
        try:
            kept = clean_uid(typed[:40])
        except BadInput as problem:
            language = (await self.get_state(Language)).lang
            self.uid_is_right, self.uid_problem = False, say(language, problem.sentence)
            return
        self.uid_is_right, self.uid_problem = kept is not None, ""
        self.uid = shown_uid(kept) if kept else ""


def welcome() -> rx.Component:
    """Draw the page: the firm's form at the left, the demonstration at the right."""
    return rx.el.div(
        rx.el.header(
            compass(20),
            rx.el.b("Boussole"),
            class_name="above",
        ),
        rx.el.main(
            _rose(),
            rx.el.div(rx.el.div(_create(), _take_over()), _demonstration(), class_name="halves"),
            class_name="middle",
        ),
        rx.el.footer(
            rx.el.span(t("Vos données restent sur cette machine.")),
            rx.el.span(t("Aucun modèle extérieur n’est appelé.")),
            class_name="below-all",
        ),
        class_name="welcome",
        custom_attrs={"data-hydrated": rx.cond(rx.State.is_hydrated, "yes", "no")},
    )


def _create() -> rx.Component:
    elsewhere = t("Depuis un autre appareil, ouvrez le lien que Boussole affiche au démarrage (« make run », journal).")
    return native_form(
        rx.el.h1(t("Créer l’entreprise")),
        rx.el.p(
            t("La première personne administre Boussole et invite les autres. Tout se change ensuite."),
            class_name="intro",
        ),
        why_refused(Welcome.sentence),
        rx.cond(~Welcome.may_set_up, rx.el.div(elsewhere, class_name="callout warn", role="alert")),  # type: ignore[operator]
        rx.el.div(*_fields(), class_name="pair"),
        hidden("jeton", Welcome.setup_token),
        rx.el.button(t("Créer l’entreprise"), rx.el.kbd("↵"), type="submit", class_name="btn p"),
        action="/auth/setup",
        method="post",
        class_name="setup",
    )


def _take_over() -> rx.Component:
    """Draw how an exported company comes in."""
    return native_form(
        rx.el.h2(t("Reprendre une entreprise exportée")),
        rx.el.p(
            t("Le fichier est d’abord vérifié en entier. Ensuite vous choisissez un mot de passe."),
            class_name="s f",
        ),
        rx.el.div(
            rx.el.input(
                type="file", name="archive", accept=".zip", required=True, aria_label=t("Fichier d’export (ZIP)")
            ),
            rx.el.button(t("Vérifier et importer"), type="submit", class_name="btn"),
            class_name="row g6",
        ),
        action=rx.cond(
            Welcome.setup_token != "", f"/auth/import-company?jeton={Welcome.setup_token}", "/auth/import-company"
        ),
        method="post",
        enc_type="multipart/form-data",
        class_name="take-over",
    )


def _number() -> rx.Component:
    return rx.el.label(
        rx.el.span(t("Numéro IDE (facultatif)"), class_name="lb"),
        rx.el.span(
            rx.el.input(
                name="uid",
                default_value=Welcome.uid,
                key=Welcome.uid,
                placeholder="CHE-123.456.788",
                max_length=40,
                on_blur=Welcome.check_uid,
            ),
            rx.cond(
                Welcome.uid_is_right,
                rx.el.span(
                    rx.icon("check", size=13, class_name="i s"),
                    t("chiffre de contrôle juste"),
                    class_name="grn s row g4",
                ),
            ),
            class_name="in",
        ),
        rx.cond(Welcome.uid_problem, rx.el.span(Welcome.uid_problem, class_name="below s red", role="alert")),
        class_name=rx.cond(Welcome.uid_problem, "fld span2 bad", "fld span2"),
    )


def _fields() -> list[rx.Component]:
    company = entry(
        t("Raison sociale"),
        "company",
        required=True,
        default_value=Welcome.company,
        key=f"c{Welcome.company}",
        auto_focus=True,
    )
    password = entry(
        t("Mot de passe"),
        "password",
        "password",
        required=True,
        min_length=12,
        auto_complete="new-password",
        hint=t("12 caractères au moins. Une suite de quatre mots convient bien."),
    )
    name = entry(
        t("Votre nom"), "name", required=True, auto_complete="name", default_value=Welcome.name, key=f"n{Welcome.name}"
    )
    email = entry(
        t("Votre adresse e-mail"),
        "email",
        "email",
        required=True,
        auto_complete="username",
        default_value=Welcome.email,
        key=f"e{Welcome.email}",
    )
    return [rx.el.div(company, class_name="span2"), _number(), name, email, rx.el.div(password, class_name="span2")]


def _demonstration() -> rx.Component:
    facts = (
        ("3 ans", t("de pistes, d’échanges et d’affaires conclues ou perdues")),
        ("4 rôles", t("à essayer : direction, vente, analyse, administration")),
        ("1 modèle", t("à régler dans un carnet, à approuver, à voir dans la liste")),
    )
    return native_form(
        rx.el.h1(t("Essayer")),
        rx.el.p(t("Une entreprise de démonstration, complète et fictive."), class_name="intro"),
        rx.el.div(
            *[part for number, words in facts for part in (rx.el.b(number), rx.el.span(words, class_name="m"))],
            class_name="offers",
        ),
        rx.el.div(
            t(
                "Les justesses affichées viennent de ces données fictives. Les vôtres partiront de zéro : "
                "Boussole se taira tant qu’elle n’aura pas assez de cas."
            ),
            class_name="why",
        ),
        rx.el.span(class_name="sp"),
        hidden("jeton", Welcome.setup_token),
        rx.el.button(t("Essayer avec une entreprise de démonstration"), type="submit", class_name="btn"),
        rx.el.div(t("Une base de données à part, qui se quitte d’un geste."), class_name="s f"),
        action="/auth/demo",
        method="post",
        class_name="trial",
    )


def _rose() -> rx.Component:
    middle = ROSE_SIZE // 2
    ring = {"cx": middle, "cy": middle, "fill": "none"}
    return rx.el.svg(
        rx.el.svg.path(d=" ".join(_tick(middle, step) for step in range(120)), fill="none", stroke="var(--line2)"),
        rx.el.svg.circle(r=366, stroke="var(--line2)", **ring),
        rx.el.svg.circle(r=300, stroke="var(--line)", **ring),
        rx.el.svg.path(d=_needle(middle), fill="none", stroke="var(--line2)"),
        width=ROSE_SIZE,
        height=ROSE_SIZE,
        aria_hidden="true",
        class_name="rose",
    )


def _needle(middle: int) -> str:
    along, across = math.radians(NEEDLE_DEGREES), math.radians(NEEDLE_DEGREES + 90)
    corners = ((345, along), (26, across), (-345, along), (-26, across))
    points = [
        f"{middle + reach * math.sin(angle):.1f} {middle - reach * math.cos(angle):.1f}" for reach, angle in corners
    ]
    return f"M{' L'.join(points)}Z M{points[1]} L{points[3]}"


def _tick(middle: int, step: int) -> str:
    angle = math.radians(3 * step)
    inner = 344 if step % 10 == 0 else 351 if step % 5 == 0 else 355
    across, up = math.sin(angle), -math.cos(angle)
    ends = [f"{middle + radius * across:.1f} {middle + radius * up:.1f}" for radius in (360, inner)]
    return f"M{ends[0]} L{ends[1]}"


register_screen(welcome, route=routes.WELCOME, title="Bienvenue", permission=PUBLIC, on_load=[Frame.load, Welcome.load])
