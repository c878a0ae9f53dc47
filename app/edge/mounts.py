"""Which application answers which addresses; everything else is Reflex's."""

import importlib
from functools import cache

from app.edge.gate import AsgiApp, Receive, Scope, Send

# prefix → `module:application`, an ASGI application that declares whole paths; imported at its first request
MOUNTS: dict[str, str] = {
    "/_health": "app.edge.health:routes",
    "/auth": "app.access.routes:application",
    "/demonstration": "app.access.routes:application",
    "/api/v1": "app.api.application:application",
    "/reglages/sauvegardes/fichier": "app.settings.files:routes",
    "/reglages/export/fichier": "app.exchange.files:routes",
    "/importer/modeles.zip": "app.exchange.files:routes",
    "/importer/modele": "app.exchange.files:routes",
    "/historique/empreintes/fichier": "app.digest_files:routes",
    "/fichiers": "app.records.files:routes",
    "/feuille-heures": "app.people.sheet_file:routes",
    "/livres": "app.ledger.files:routes",
    "/pieces-recues": "app.purchasing.pictures:routes",
    "/listes": "app.lists.export:routes",
    "/reglages/logo": "app.settings.files:routes",
    "/notebooks": "app.notebooks.entrance:routes",
}


class Front:
    """Hands each request to the application of its prefix."""

    def __init__(self, reflex: AsgiApp) -> None:
        self.reflex = reflex

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._owner(scope)(scope, receive, send)

    def _owner(self, scope: Scope) -> AsgiApp:
        if scope["type"] == "lifespan":
            return self.reflex
        for prefix, target in MOUNTS.items():
            if scope["path"] == prefix or scope["path"].startswith(f"{prefix}/"):
                return _application(target)
        return self.reflex


@cache
def _application(target: str) -> AsgiApp:
    module, _, name = target.partition(":")
    application: AsgiApp = getattr(importlib.import_module(module), name)
    return application
