"""What each permission lets a person do, in French words; a test keeps the list complete."""

from db.access.policy.rules import Reach

AREAS: dict[str, str] = {
    "crm": "Ventes",
    "parties": "Sociétés et personnes",
    "catalog": "Articles",
    "stock": "Stock",
    "ledger": "Comptabilité",
    "records": "Fiches",
    "documents": "Fichiers",
    "purchasing": "Achats",
    "people": "Heures",
    "insights": "Modèles",
    "workspace": "Carnets",
    "jobs": "Travaux",
    "api": "Interface de programmation",
    "access": "Accès et réglages",
    "demo": "Démonstration",
}

PERMISSION_WORDS: dict[str, str] = {
    "access.use_own_account": "Utiliser son propre compte",
    "access.read_users": "Voir les comptes des personnes",
    "access.manage_users": "Ajouter des personnes, fermer des comptes",
    "access.change_roles": "Changer les rôles des personnes",
    "access.read_policy": "Voir les droits",
    "access.change_policy": "Modifier les droits",
    "access.read_access_log": "Voir qui a lu des données sensibles",
    "access.read_history": "Voir l’historique de l’entreprise",
    "access.read_names": "Voir les noms des collègues",
    "access.manage_company": "Modifier l’entreprise et l’envoi des courriels",
    "access.manage_backups": "Sauvegarder et restaurer",
    "access.mail_reset_link": "Envoyer les liens de mot de passe",
    "access.import_company": "Reprendre une entreprise exportée",
    "access.forget_answers": "Oublier les réponses répétées de l’interface",
    "access.export_everything": "Exporter toute l’entreprise",
    "jobs.read_own": "Voir ses propres travaux",
    "jobs.cancel_own": "Arrêter ses propres travaux",
    "jobs.retry_own": "Relancer ses propres travaux",
    "jobs.read_all": "Voir tous les travaux",
    "jobs.manage_all": "Arrêter et relancer tous les travaux",
    "jobs.manage_webhooks": "Gérer les webhooks",
    "jobs.deliver_webhooks": "Envoyer les webhooks",
    "records.read": "Chercher et lire le fil des fiches",
    "records.open": "Ouvrir une fiche (selon les droits de son genre)",
    "records.write_note": "Écrire des notes",
    "records.undo": "Annuler un acte, supprimer une fiche",
    "records.merge": "Fusionner des fiches, écarter des doublons",
    "records.define_field": "Définir des champs",
    "records.manage_fields": "Régler les champs ajoutés",
    "records.save_view": "Enregistrer ses vues",
    "records.share_view": "Partager des vues",
    "records.read_messages": "Lire ses messages",
    "records.tell_people": "Envoyer des messages aux personnes",
    "access.seal_evidence": "Sceller les prévisions",
    "records.learn_words": "Apprendre les mots de la recherche",
    "parties.read": "Voir les sociétés et les personnes",
    "parties.edit": "Modifier les sociétés et les personnes",
    "parties.import": "Importer des sociétés et des personnes",
    "parties.export": "Exporter les sociétés et les personnes",
    "catalog.read": "Voir les articles",
    "catalog.read_costs": "Voir les prix d’achat et les marges",
    "catalog.edit": "Modifier les articles",
    "catalog.import": "Importer des articles",
    "catalog.export": "Exporter les articles",
    "stock.read": "Voir le stock et ses mouvements",
    "stock.move": "Saisir des mouvements de stock",
    "stock.manage_places": "Gérer les lieux de stock",
    "stock.count": "Compter le stock",
    "stock.approve_count": "Approuver un inventaire",
    "stock.import": "Importer un stock initial",
    "stock.export": "Exporter le stock",
    "documents.receive": "Déposer des fichiers",
    "documents.read": "Voir les fichiers",
    "documents.read_mail": "Lire le courrier de l’entreprise et le sien",
    "documents.send_mail": "Écrire et classer des e-mails",
    "documents.export_mail": "Exporter le courrier",
    "documents.manage_mailboxes": "Gérer les boîtes aux lettres de l’entreprise",
    "documents.take_in_mail": "Relever le courrier",
    "crm.read_leads": "Voir les pistes et les affaires",
    "crm.read_pipelines": "Voir les étapes et les motifs de perte",
    "crm.begin_pipelines": "Préparer le premier parcours de vente",
    "crm.manage_pipelines": "Régler les parcours de vente et les objectifs",
    "crm.edit_leads": "Modifier les pistes et les affaires",
    "crm.import_leads": "Importer des pistes",
    "crm.undo_import": "Annuler un import",
    "crm.export_leads": "Exporter les pistes et les affaires",
    "purchasing.photograph_bill": "Photographier et déposer des factures",
    "purchasing.read_own_bills": "Voir les factures que l’on a déposées",
    "purchasing.read_bills": "Voir toutes les factures reçues",
    "purchasing.edit_bills": "Saisir et écarter des factures reçues",
    "purchasing.export_bills": "Exporter les factures reçues",
    "people.clock": "Pointer et voir ses propres heures",
    "people.read_hours": "Voir les heures des autres",
    "people.manage_hours": "Corriger les heures des autres",
    "people.close_months": "Clôturer les mois",
    "people.export_hours": "Exporter les heures",
    "people.import_hours": "Importer des heures",
    "ledger.read": "Voir la comptabilité",
    "ledger.edit": "Préparer des écritures, lettrer des postes",
    "ledger.post": "Comptabiliser et extourner",
    "ledger.manage_accounts": "Modifier le plan comptable",
    "ledger.manage_periods": "Ouvrir et clore les périodes",
    "ledger.reopen_periods": "Rouvrir une période fermée, avec un motif",
    "ledger.post_in_reserved": "Comptabiliser dans une période fermée",
    "ledger.import": "Importer plan, soldes et postes ouverts",
    "ledger.undo_import": "Annuler un import comptable",
    "ledger.export": "Exporter la comptabilité",
    "insights.read_models": "Voir les modèles",
    "insights.propose_model": "Proposer un modèle",
    "insights.approve_model": "Approuver un modèle",
    "insights.roll_back": "Revenir au modèle précédent",
    "insights.give_feedback": "Donner son avis sur une prévision",
    "insights.see_predictions": "Voir les prévisions",
    "insights.record_predictions": "Enregistrer des prévisions",
    "insights.check_proposal": "Recalculer les chiffres d’un modèle proposé",
    "workspace.open_notebook": "Ouvrir des carnets",
    "demo.open": "Ouvrir la démonstration",
    "demo.leave": "Quitter la démonstration",
    "api.use": "Utiliser l’interface de programmation",
}

REACH_WORDS: dict[Reach, str] = {
    Reach.NONE: "aucun",
    Reach.OWN: "les siennes",
    Reach.TEAM: "équipe",
    Reach.ALL: "toutes",
}


def area_of(permission: str) -> str:
    """Return the words of a permission's area."""
    area = permission.split(".")[0]
    return AREAS.get(area, area)


def in_order(permissions: list[str]) -> list[str]:
    """Return permissions area by area, the areas as people meet them."""
    areas = list(AREAS)
    place = {name: number for number, name in enumerate(PERMISSION_WORDS)}

    def key(permission: str) -> tuple[int, int, str]:
        area = permission.split(".")[0]
        return (areas.index(area) if area in areas else len(areas), place.get(permission, len(place)), permission)

    return sorted(permissions, key=key)
