"""Questions and deeds that belong to no single record of a list: one line each, the rest is read from signatures.

`GET` for a query, `POST` for an action; instants are now, amounts are texts.
"""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from app.api.permission import allowed
from app.api.steps import Outcome, Step, body_of
from app.doors import ask, do, now
from db.access.rules import Actor

router = APIRouter()


@dataclass(frozen=True)
class Plain:
    """One route: the tag, the address, where the query or action is, and the French sentence that tells it."""

    tag: str
    path: str
    target: str  # module:name
    words: str


ROUTES = (
    Plain(
        "Calendrier",
        "/calendar",
        "db.access.calendars.working.queries:working_calendar",
        "Lire les heures de travail et les jours de l'entreprise.",
    ),
    Plain(
        "Calendrier",
        "/calendar/week",
        "db.access.calendars.working.actions:set_working_week",
        "Fixer les heures des sept jours, lundi d'abord.",
    ),
    Plain(
        "Calendrier",
        "/calendar/days",
        "db.access.calendars.working.actions:set_firm_day",
        "Dire que l'entreprise est fermée un jour, ou travaille un jour férié.",
    ),
    Plain(
        "Calendrier",
        "/calendar/days/remove",
        "db.access.calendars.working.actions:remove_firm_day",
        "Rendre un jour à la règle générale.",
    ),
    Plain(
        "Historique",
        "/verifications",
        "db.jobs.checks.actions:ask_for_verification",
        "Demander la comparaison de la base avec son historique.",
    ),
    Plain(
        "Historique", "/verifications/newest", "db.jobs.checks.queries:verification", "Lire la dernière comparaison."
    ),
    Plain(
        "Historique",
        "/deeds/undo-many",
        "db.records.undo.many.actions:ask_for_undo",
        "Annuler plusieurs actes par portions, le dernier d'abord ; répond par le travail.",
    ),
    Plain(
        "Historique",
        "/deeds/undo-conflicts",
        "db.records.undo.many.queries:undo_conflicts",
        "Lire ce qu'une annulation en nombre a laissé, et pourquoi.",
    ),
    Plain(
        "Échanges",
        "/calls",
        "db.crm.calls.actions:note_call",
        "Noter un appel sur une piste, une société, une personne ou une affaire.",
    ),
    Plain("Comptabilité", "/ledger/chart", "db.ledger.accounts.queries:chart", "Lire le plan comptable."),
    Plain(
        "Comptabilité",
        "/ledger/chart/create",
        "db.ledger.accounts.actions:create_chart",
        "Créer le plan comptable suisse des PME, s'il n'y a pas encore de compte.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/account/in-use",
        "db.ledger.accounts.queries:account_in_use",
        "Dire si des écritures utilisent un compte.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/statement",
        "db.ledger.reports.queries:statement",
        "Lire l'extrait d'un compte sur une période, par portions : `next_place` donne la suite.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/aged-list",
        "db.ledger.open_items.queries:aged_list",
        "Lire les postes ouverts par personne et par âge, à la fin d'un jour.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/open-items",
        "db.ledger.open_items.queries:open_lines",
        "Lister les postes ouverts à la fin d'un jour.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/open-items-of-party",
        "db.ledger.open_items.queries:open_items_of_party",
        "Lister ce qui est ouvert avec une personne.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/reconcile",
        "db.ledger.open_items.actions:reconcile",
        "Lettrer des postes ouverts entre eux.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/unreconcile",
        "db.ledger.open_items.actions:unreconcile",
        "Rouvrir ce qui règle un poste.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/fiscal-years",
        "db.ledger.periods.queries:fiscal_years",
        "Lister les exercices avec leurs périodes.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/fiscal-years/next",
        "db.ledger.periods.actions:add_next_year",
        "Ouvrir l'exercice suivant.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/fiscal-years/checks",
        "db.ledger.periods.queries:closing_checks",
        "Dire ce qui reste à faire avant de clore un exercice.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/fiscal-years/close",
        "db.ledger.periods.actions:close_year",
        "Clore un exercice définitivement.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/periods/lock",
        "db.ledger.periods.actions:lock_period",
        "Fermer ou clore une période et celles d'avant.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/periods/reopen",
        "db.ledger.periods.actions:reopen_period",
        "Rouvrir une période fermée, avec le motif.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/entries-like",
        "db.ledger.entries.queries:entries_like",
        "Trouver des écritures par le début de leur libellé.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/newest-entries",
        "db.ledger.entries.queries:newest_entries",
        "Lister les dernières écritures comptabilisées.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/entry/draft",
        "db.ledger.entries.actions:add_draft",
        "Garder une écriture comme brouillon.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/entry/change-draft",
        "db.ledger.entries.actions:edit_draft",
        "Remplacer ce que dit un brouillon.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/entry/post-changed",
        "db.ledger.entries.actions:post_changed",
        "Remplacer ce que dit un brouillon et le comptabiliser.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/entry/post-new",
        "db.ledger.entries.actions:post_new",
        "Écrire et comptabiliser une écriture ; avec le même `entry_id`, jamais deux fois.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/accounts-by-number",
        "db.ledger.accounts.queries:accounts_by_number",
        "Lire des comptes par leurs numéros.",
    ),
    Plain("Comptabilité", "/ledger/account", "db.ledger.accounts.queries:account_facts", "Lire un compte."),
    Plain(
        "Comptabilité",
        "/ledger/account-statement",
        "db.ledger.reports.queries:account_statement",
        "Lire l'extrait d'un compte.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/trial-balance",
        "db.ledger.reports.queries:trial_balance",
        "Lire la balance à la fin d'un jour.",
    ),
    Plain(
        "Comptabilité", "/ledger/entry", "db.ledger.entries.queries:entry_facts", "Lire une écriture avec ses lignes."
    ),
    Plain("Comptabilité", "/ledger/entry/post", "db.ledger.entries.actions:post_entry", "Comptabiliser un brouillon."),
    Plain("Comptabilité", "/ledger/entry/remove", "db.ledger.entries.actions:remove_draft", "Supprimer un brouillon."),
    Plain(
        "Comptabilité",
        "/ledger/entry/reverse",
        "db.ledger.entries.actions:reverse_entry",
        "Extourner une écriture comptabilisée.",
    ),
    Plain(
        "Comptabilité",
        "/ledger/entry/put-aside",
        "db.ledger.intake.actions:put_difference_aside",
        "Mettre la différence d'une ouverture au compte d'attente.",
    ),
    Plain(
        "Heures",
        "/hours/close-months",
        "db.people.months.actions:close_months",
        "Clore le mois de plusieurs personnes.",
    ),
    Plain(
        "Heures",
        "/hours/correct",
        "db.people.months.actions:correct_closed_month",
        "Corriger un mois clos, avec le motif.",
    ),
    Plain(
        "Heures", "/hours/days-off", "db.people.months.actions:set_days_off", "Noter des vacances ou une autre absence."
    ),
    Plain("Heures", "/hours/share", "db.people.months.actions:set_share", "Dire combien une personne travaille."),
    Plain(
        "Stock",
        "/stock/counts/to-approve",
        "db.stock.counts.queries:counts_to_approve",
        "Lister les inventaires à approuver.",
    ),
    Plain("Stock", "/stock/counts/open", "db.stock.counts.queries:open_counts", "Lister les inventaires en cours."),
    Plain(
        "Stock",
        "/stock/counts/review",
        "db.stock.counts.queries:review",
        "Comparer ce qui est compté et ce qui était attendu.",
    ),
    Plain("Stock", "/stock/counts/sheet", "db.stock.counts.queries:sheet", "Lire la feuille d'un inventaire."),
    Plain(
        "Stock",
        "/stock/counts/counted",
        "db.stock.counts.actions:note_counted",
        "Noter ce qui est compté d'un article.",
    ),
    Plain("Stock", "/stock/levels", "db.stock.moves.queries:levels_of_item", "Dire où se trouve un article."),
    Plain(
        "Stock", "/stock/moves-of-item", "db.stock.moves.queries:moves_of_item", "Lister les mouvements d'un article."
    ),
    Plain(
        "Stock",
        "/stock/moves-of-origin",
        "db.stock.moves.queries:moves_of_origin",
        "Lister les mouvements d'une pièce.",
    ),
    Plain("Stock", "/stock/at", "db.stock.moves.queries:stock_at", "Dire ce qui se trouve à des emplacements."),
    Plain(
        "Factures reçues",
        "/bill-files",
        "db.purchasing.bills.queries:bill_files",
        "Lire les fichiers d'une facture et les images qu'on en montre.",
    ),
    Plain(
        "Factures reçues",
        "/bill-suggestions",
        "db.purchasing.bills.queries:suggestion_of",
        "Lire ce que dit le code QR d'une facture.",
    ),
    Plain(
        "Factures reçues",
        "/bill-duplicates",
        "db.purchasing.bills.queries:likely_duplicates",
        "Lire les factures que celle-ci double sans doute.",
    ),
    Plain(
        "Doublons",
        "/duplicates/comparison",
        "db.records.merging.queries:comparison",
        "Comparer deux fiches champ par champ, avant de les fusionner.",
    ),
)


def _add(plain: Plain) -> None:
    module, _, name = plain.target.partition(":")
    target = getattr(importlib.import_module(module), name)
    _add_deed(plain, target) if module.endswith(".actions") else _add_question(plain, target)


def _add_deed(plain: Plain, action: Callable[..., Any]) -> None:
    body = body_of(Step(plain.path, action, "", plain.words))

    def run(by: Annotated[Actor, Depends(allowed(action.permission))], given: body) -> Outcome:  # type: ignore[valid-type,attr-defined]
        done = do(by, action, **{field: getattr(given, field) for field in type(given).model_fields})
        first = done[0] if isinstance(done, tuple) else done  # what it made, where it tells more
        return Outcome(result=first if isinstance(first, UUID | str | int | bool) else None)

    run.__doc__ = plain.words
    router.add_api_route(plain.path, run, methods=["POST"], tags=[plain.tag], name=plain.path)


def _add_question(plain: Plain, query: Callable[..., Any]) -> None:
    inner = inspect.unwrap(query)
    hints = inspect.get_annotations(inner, eval_str=True)
    given = {name: one for name, one in inspect.signature(inner).parameters.items() if name not in ("session", "by")}
    takes_at = given.pop("at", None) is not None
    asked = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=_asked(hints[name]))
        for name, one in given.items()
    ]
    actor = Annotated[Actor, Depends(allowed(query.permission))]  # type: ignore[attr-defined]

    def answer(by: Actor, **values: Any) -> JSONResponse:
        moment = {"at": now()} if takes_at else {}
        return JSONResponse(jsonable_encoder(ask(by, query, **values, **moment), custom_encoder={Decimal: str}))

    who = inspect.Parameter("by", inspect.Parameter.KEYWORD_ONLY, annotation=actor)
    answer.__signature__ = inspect.Signature([who, *asked])  # type: ignore[attr-defined]
    answer.__doc__ = plain.words
    router.add_api_route(plain.path, answer, tags=[plain.tag], name=plain.path, response_class=JSONResponse)


def _asked(hint: Any) -> Any:
    """Return a parameter's type as an address gives it: several values where a sequence is asked for."""
    if getattr(get_origin(hint), "__name__", "") not in ("Sequence", "list", "tuple", "Collection", "Iterable"):
        return hint
    return Annotated[list[get_args(hint)[0]], Query(max_length=500)]  # type: ignore[misc]


for _plain in ROUTES:
    _add(_plain)
