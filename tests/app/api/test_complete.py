"""Whatever a screen reads or does, a program can too: compared from the registries, each exception with its reason."""

from app.api.application import application
from db.access.gate import ACTIONS, QUERIES
from tests.app.access.test_matrix import api_routes
from tests.app.api.reached import doors_of
from tests.app.api.screens import doors_of_screens

IN_PERSON = "L’accès d’une personne se change devant elle, jamais par une clé qui pourrait être volée."
OTHER_WAY = "Une autre route répond à la même question : {}."
SCREEN_ONLY = "N’a de sens qu’à l’écran : {}."
LEFT_OUT: dict[str, str] = {
    "access.company.founded_at": SCREEN_ONLY.format("décide seulement si le bandeau des sauvegardes paraît"),
    "access.company.sends_mail": SCREEN_ONLY.format("la page d’entrée, avant toute clé"),
    "access.deeds.newest_deed": SCREEN_ONLY.format("dit à un écran ouvert que ses comptes ont vieilli"),
    "access.people.count_users": SCREEN_ONLY.format("la première visite, avant toute clé"),
    "access.people.people_of_demo": SCREEN_ONLY.format("le choix d’un rôle dans la démonstration"),
    "access.people.second_factor.demonstration_code": SCREEN_ONLY.format("le code affiché dans la démonstration"),
    "access.people.passwords.change_password": IN_PERSON,
    "access.people.second_factor.confirm_second_factor": IN_PERSON,
    "access.people.second_factor.offer_second_factor": IN_PERSON,
    "access.people.second_factor.remove_second_factor": IN_PERSON,
    "access.people.second_factor.renew_recovery_codes": IN_PERSON,
    "access.people.second_factor.second_factor": IN_PERSON,
    "access.people.sessions.browsers": IN_PERSON,
    "access.people.sessions.end_other_sessions": IN_PERSON,
    "access.people.sessions.end_session": IN_PERSON,
    "access.people.sessions.prove_again": IN_PERSON,
    "access.people.tokens.issue_token": IN_PERSON,
    "access.people.tokens.keys_of": IN_PERSON,
    "access.people.tokens.revoke_token": IN_PERSON,
    "crm.leads.calling.count_open": OTHER_WAY.format("GET /leads compte par état"),
    "crm.leads.listing.lead_counts": OTHER_WAY.format("GET /leads compte sur sa première page"),
    "crm.pipelines.begin_pipelines": SCREEN_ONLY.format(
        "fait par le produit lui-même, au premier regard sur les étapes"
    ),
    "crm.leads.trail.lead_deeds": OTHER_WAY.format("GET /records/lead/{id}/timeline?sort=change"),
    "documents.imports.describe_import": SCREEN_ONLY.format("étape intérieure du travail d’import"),
    "documents.imports.fail_import": SCREEN_ONLY.format("étape intérieure du travail d’import"),
    "documents.imports.forget_plan": SCREEN_ONLY.format("revenir en arrière dans l’assistant ; PUT /imports/{id}/plan"),
    "documents.imports.job_of_import": OTHER_WAY.format("GET /imports/{id} donne job_id ; GET /jobs/{id}"),
    "documents.imports.remembered_plan": OTHER_WAY.format("POST /imports propose déjà le plan retenu"),
    "insights.approvals.previous_version": OTHER_WAY.format("GET /models/{model}/versions"),
    "insights.predictions.record_acted": SCREEN_ONLY.format("mesure ce qu’une personne a vu avant d’agir"),
    "insights.predictions.record_shown": SCREEN_ONLY.format("mesure ce qu’une personne a vu à l’écran"),
    "insights.proposals.live_version": OTHER_WAY.format("GET /models nomme la version en service"),
    "insights.proposals.waiting_for_decision": OTHER_WAY.format("GET /models/waiting"),
    "jobs.count_failed": OTHER_WAY.format("GET /jobs/counts"),
    "jobs.job_status": OTHER_WAY.format("GET /jobs/{id}"),
    "jobs.open_jobs_of": OTHER_WAY.format("GET /jobs?state=waiting&state=running"),
    "access.digests.digest_now": SCREEN_ONLY.format("le résumé que la nuit écrit"),
    "access.evidence.needs_sealing": SCREEN_ONLY.format("ce que le travail de scellement se demande"),
    "access.evidence.seal_evidence": SCREEN_ONLY.format("fait par le produit lui-même, jamais par une personne"),
    "catalog.items.listing.count_low": OTHER_WAY.format("GET /items/counts"),
    "records.past.then_and_now": OTHER_WAY.format("GET /records/{kind}/{id}/as-of, puis la fiche"),
    "records.undo.may_be_removed": OTHER_WAY.format("DELETE sur la fiche répond ce qui l’empêche"),
    "records.undo.many.undo_size": OTHER_WAY.format("GET /deeds/{id}/undo"),
    "stock.moves.count_due": OTHER_WAY.format("GET /stock-moves/counts"),
    "stock.moves.count_stock_at": OTHER_WAY.format("GET /stock/at"),
    "records.conflicts.changed_meanwhile": OTHER_WAY.format("If-Match refuse (412) ; le fil dit qui a changé quoi"),
    "records.conflicts.newest_change": OTHER_WAY.format("ETag"),
    "jobs.arrivals.arrivals": SCREEN_ONLY.format("l’import d’une entreprise, avant toute clé"),
    "jobs.arrivals.ask_for_company_import": SCREEN_ONLY.format("l’import d’une entreprise, avant toute clé"),
    "jobs.arrivals.stop_company_import": SCREEN_ONLY.format("l’import d’une entreprise, avant toute clé"),
    "records.drafts.draft_of_form": SCREEN_ONLY.format("une saisie inachevée appartient au formulaire ouvert"),
    "records.drafts.drop_draft": SCREEN_ONLY.format("une saisie inachevée appartient au formulaire ouvert"),
    "records.drafts.keep_draft": SCREEN_ONLY.format("une saisie inachevée appartient au formulaire ouvert"),
    "records.recent.recent_targets": SCREEN_ONLY.format("l’ordre des dernières fiches ouvertes dans Ctrl-K"),
    "records.recent.remember_use": SCREEN_ONLY.format("l’ordre des dernières fiches ouvertes dans Ctrl-K"),
    "records.search.recent_records": SCREEN_ONLY.format("l’ordre des dernières fiches ouvertes dans Ctrl-K"),
    "records.search.titles_of": OTHER_WAY.format("lire la fiche donne son nom"),
}


def doors_of_the_api() -> set[str]:
    """Return the names of the actions and queries that some route comes to."""
    return {name for route in api_routes() for name in doors_of(route.endpoint)}


class TestTheApi:
    def test_offers_whatever_the_screens_offer(self) -> None:
        missing = doors_of_screens() - doors_of_the_api() - set(LEFT_OUT) - _rows_of_a_view()

        assert sorted(missing) == []

    def test_leaves_out_only_what_exists_and_is_missing(self) -> None:
        known = {*ACTIONS, *QUERIES}

        assert sorted(set(LEFT_OUT) - known) == []
        assert sorted(set(LEFT_OUT) & doors_of_the_api()) == []
        assert all(len(reason) > 20 for reason in LEFT_OUT.values())

    def test_describes_every_route_in_words(self) -> None:
        paths = application.openapi()["paths"]

        silent = [f"{verb} {path}" for path, verbs in paths.items() for verb, told in verbs.items()
                  if len(told.get("description", "")) < 10]  # fmt: skip

        assert silent == []


def _rows_of_a_view() -> set[str]:
    """Return what any list asks by its key: ids and rows of a view (`/lists/{key}/bulk`), all of it (`…/export`)."""
    return {name for name in QUERIES if name.endswith(("_ids", "_rows", "_whole", "_of_view"))}
