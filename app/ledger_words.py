"""French words for the deeds of the books."""

LEDGER_ACTIONS: dict[str, str] = {
    "ledger.accounts.add_account": "Ajouter un compte",
    "ledger.accounts.change_account": "Modifier un compte",
    "ledger.accounts.create_chart": "Créer le plan comptable",
    "ledger.accounts.listing.change_accounts": "Modifier des comptes",
    "ledger.entries.add_draft": "Préparer une écriture",
    "ledger.entries.edit_draft": "Modifier un brouillon d’écriture",
    "ledger.entries.remove_draft": "Supprimer un brouillon d’écriture",
    "ledger.entries.post_entry": "Comptabiliser une écriture",
    "ledger.entries.post_new": "Saisir une écriture",
    "ledger.entries.reverse_entry": "Extourner une écriture",
    "ledger.entries.listing.change_entries": "Comptabiliser des écritures",
    "ledger.intake.begin_ledger_import": "Lancer un import comptable",
    "ledger.intake.undo_ledger_import": "Annuler un import comptable",
    "ledger.intake.write_ledger_rows": "Importer dans la comptabilité",
    "ledger.intake.put_difference_aside": "Porter un écart au compte d’attente",
    "ledger.open_items.reconcile": "Lettrer des postes ouverts",
    "ledger.open_items.unreconcile": "Délettrer un poste",
    "ledger.periods.add_fiscal_year": "Ouvrir un exercice",
    "ledger.periods.lock_period": "Changer l’état d’une période",
}
