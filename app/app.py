"""The Reflex application: imports every page module, because Reflex compiles only what is imported."""

import importlib
from pathlib import Path

import reflex as rx

from app.overlay import app_wraps
from app.pages import PAGES
from app.platform import Guard, add_screens, tell_what_went_wrong
from app.undoing import Undoing

ASSETS = Path(__file__).resolve().parent.parent / "assets"
AREA_STYLES = [f"/{file.name}" for file in sorted(ASSETS.glob("*.css")) if file.name != "boussole.css"]

app = rx.App(
    html_lang="fr",
    stylesheets=["/boussole.css", *AREA_STYLES],
    head_components=[
        rx.el.script(src="/shell.js"),
        rx.el.script(src="/waiting.js"),
        rx.el.script(src="/focus.js", defer=True),
        rx.el.script(src="/lines.js", defer=True),
        rx.el.script(src="/keys.js", defer=True),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    ],
    app_wraps=app_wraps(on_undo=Undoing.undo),
    toaster=None,
    backend_exception_handler=tell_what_went_wrong,
)
app.add_middleware(Guard(), index=0)
for page in PAGES:
    importlib.import_module(page)
add_screens(app)
