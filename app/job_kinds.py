"""Which function does which kind of long work, and who reacts to which event: one line each.

Functions are named `module:function` and imported when first needed, so that the worker starts fast. A job function
takes one `JobRun` and returns the result that the screen shows; a reaction takes `(event, actor)` and must be safe to
repeat.
"""

JOB_KINDS: dict[str, str] = {
    "access.mail_reset_link": "app.access.mail_job:mail_reset_link",
    "insights.publish": "app.insights.job:publish",
    "insights.put_in_service": "app.insights.job:go_live",
    "insights.rescore": "app.insights.job:rescore_all",
    "insights.rescore_changed": "app.insights.job:rescore_changed",
    "documents.inspect_import": "app.imports.job:inspect",
    "documents.check_import": "app.imports.job:check",
    "crm.import_leads": "app.imports.job:run",
    "documents.run_import": "app.imports.job:run",
    "crm.undo_import": "app.imports.job:undo",
    "access.verify": "app.digest_check:run",
    "access.export_company": "app.exchange.job:run",
    "access.import_company": "app.exchange.arrival:run",
    "backup.make": "app.backup.jobs:make",
    "backup.check": "app.backup.jobs:check",
    "backup.restore": "app.backup.jobs:restore",
    "records.find_duplicates": "app.duplicates.job:find",
    "lists.bulk": "app.lists.job:run",
    "records.undo": "app.undoing_job:run",
    "records.send_digest": "app.notifications.digest:send",
    "mail.fetch": "app.mail.fetching:fetch",
    "mail.send": "app.mail.sending:send",
    "demo.generate": "app.demo.job:run",
}

REACTIONS: dict[str, tuple[str, ...]] = {
    "crm.lead_created": ("app.insights.job:on_lead_changed",),
    "crm.lead_changed": ("app.insights.job:on_lead_changed",),
    "crm.lead_closed": ("app.insights.job:on_lead_closed",),
    "crm.leads_assigned": ("app.notifications.reactions:on_assigned",),
    "records.mentioned": ("app.notifications.reactions:on_mentioned",),
    "insights.model_proposed": ("app.notifications.reactions:on_proposed",),
    "jobs.webhook_disabled": ("app.webhooks.reactions:on_disabled",),
    "jobs.failed": ("app.notifications.reactions:on_failed",),
    "crm.leads_changed_in_bulk": ("app.insights.job:on_leads_changed_in_bulk",),
}

TO_EVERY_EVENT = ("app.webhooks.reactions:tell_programs",)

SCHEDULES: dict[str, tuple[str, int]] = {  # name → (`module:function`, every so many seconds)
    "insights.expire": ("app.insights.job:expire", 3600),
    "insights.catch_up": ("app.insights.job:catch_up", 60),
    "access.forget_attempts": ("app.access.cleaning:forget_attempts", 24 * 3600),
    "access.forget_exports": ("app.exchange.job:forget_old", 3600),
    "backup.every_night": ("app.backup.jobs:every_night", 600),
    "access.forget_answers": ("app.api.cleaning:forget_old_answers", 3600),
    "access.prune": ("app.access.cleaning:prune", 24 * 3600),
    "records.tell_followers": ("app.notifications.reactions:tell_followers", 60),
    "records.alert": ("app.notifications.reactions:alert_of_leads", 3600),
    "records.digests": ("app.notifications.digest:ask_for_digests", 300),
    "access.daily_digest": ("app.digests:every_night", 600),
    "records.learn_words": ("app.learning:learn", 24 * 3600),
    "records.count_rows": ("app.statistics:count_rows", 6 * 3600),
    "mail.fetch": ("app.mail.fetching:ask_for_fetches", 20),
    "access.seal": ("app.sealing:seal_everything", 60),
}
