"""Which function does which kind of long work, and who reacts to which event: one line each.

Functions are named `module:function` and imported when first needed, so that the worker starts fast. A job function takes
one `JobRun` and returns the result that the screen shows; a reaction takes `(event, actor)` and must be safe to repeat.
"""

JOB_KINDS: dict[str, str] = {
    "documents.inspect_import": "app.imports.job:inspect",
    "documents.check_import": "app.imports.job:check",
    "crm.import_leads": "app.imports.job:run",
    "crm.undo_import": "app.imports.job:undo",
    "demo.generate": "app.demo.job:run",
}

REACTIONS: dict[str, tuple[str, ...]] = {}

SCHEDULES: dict[str, tuple[str, int]] = {}  # name → (`module:function`, every so many seconds)
