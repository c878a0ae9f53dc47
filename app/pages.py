"""Every module that defines a page: Reflex compiles only what is imported."""

PAGES: list[str] = [
    "app.not_found",
    "app.home",
    "app.history",
    "app.jobs.page",
    "app.access.welcome",
    "app.access.demonstration",
    "app.access.sign_in",
    "app.access.reset",
    "app.access.account.page",
    "app.access.people.page",
    "app.access.company",
    "app.settings.index",
    "app.settings.backups",
    "app.crm.import_leads.page",
    "app.crm.leads",
    "app.crm.new_lead",
    "app.crm.lead",
    "app.notebooks.page",
    "app.insights.models",
    "app.insights.review",
]
