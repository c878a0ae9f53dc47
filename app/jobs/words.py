"""French words for work in the background; what has none is shown as it is stored."""

from typing import Any

from app import routes
from db.jobs.rules import JobState

# kind of job → what it does
KINDS: dict[str, str] = {
    "access.mail_reset_link": "Envoyer un lien de mot de passe",
    "insights.publish": "Contrôler une version de modèle",
    "insights.put_in_service": "Mettre une version en service",
    "insights.rescore": "Recalculer toutes les chances",
    "insights.rescore_changed": "Recalculer les chances des pistes modifiées",
    "documents.inspect_import": "Lire un fichier à importer",
    "documents.check_import": "Vérifier un import",
    "crm.import_leads": "Importer des pistes",
    "documents.run_import": "Importer un fichier",
    "access.verify": "Vérifier l’historique",
    "access.export_company": "Exporter toute l’entreprise",
    "access.import_company": "Reprendre une entreprise exportée",
    "crm.undo_import": "Annuler un import",
    "backup.make": "Sauvegarder tout",
    "backup.check": "Vérifier une sauvegarde en la restaurant à côté",
    "backup.restore": "Restaurer une sauvegarde",
    "records.undo": "Annuler des actes",
    "records.find_duplicates": "Chercher les doublons",
    "records.send_digest": "Envoyer le résumé du jour",
    "lists.bulk": "Modifier des fiches en nombre",
    "mail.fetch": "Relever une boîte aux lettres",
    "mail.send": "Envoyer un e-mail",
    "demo.generate": "Préparer la démonstration",
}

# regular task → what it does
SCHEDULES: dict[str, str] = {
    "insights.expire": "Fermer les propositions échues",
    "insights.catch_up": "Rattraper les chances à recalculer",
    "access.forget_attempts": "Oublier les anciens essais de connexion",
    "access.forget_exports": "Effacer les exports de plus d’un jour",
    "backup.every_night": "Demander la sauvegarde de la nuit",
    "access.forget_answers": "Oublier les réponses gardées pour l’API",
    "access.prune": "Effacer les traces échues",
    "records.tell_followers": "Dire ce qui a changé à qui le suit",
    "records.alert": "Proposer les pistes à appeler",
    "records.digests": "Demander les résumés du jour",
    "access.seal": "Sceller l’historique",
    "access.daily_digest": "Écrire le condensé du jour",
    "mail.fetch": "Demander la relève des boîtes aux lettres",
    "records.learn_words": "Apprendre les mots de la recherche",
    "records.count_rows": "Compter les écritures pour des listes rapides",
}

# event → what had happened
EVENTS: dict[str, str] = {
    "crm.lead_created": "Piste créée",
    "crm.lead_changed": "Piste modifiée",
    "crm.lead_closed": "Piste close",
    "crm.leads_assigned": "Pistes confiées",
    "records.mentioned": "Personne mentionnée",
    "insights.model_proposed": "Modèle proposé",
    "jobs.failed": "Travail en échec",
    "jobs.webhook_disabled": "Webhook arrêté",
    "crm.leads_changed_in_bulk": "Pistes modifiées en nombre",
}

STATES: dict[JobState, str] = {
    JobState.RUNNING: "en cours",
    JobState.WAITING: "en attente",
    JobState.FAILED: "en échec",
    JobState.DONE: "terminé",
    JobState.CANCELLED: "arrêté",
}

# what the worker itself writes into a log; jobs may add their own sentences
LOG_LINES: dict[str, str] = {
    "begun": "Commencé",
    "again": "Repris après une interruption (essai {attempt})",
    "done": "Terminé",
    "stopped": "Arrêté",
    "stopped_by_itself": "Travail annulé.",
    "failed": "Échec",
    "stop_asked": "Arrêt demandé par {name}",
    "retried": "Relancé par {name}",
    "settled": "Classé par {name}",
    "interrupted": "Interrompu trois fois de suite : le travail n’est pas repris.",
}


def place_of(kind: str, arguments: dict[str, Any]) -> str:
    """Return the page on which a job's outcome is seen, "" when it has none."""
    if "import_id" in arguments:
        return f"{routes.IMPORT_LEADS}?import={arguments['import_id']}"
    return routes.MODELS if kind.startswith("insights.") else ""
