"""Makes sure that every area has said what belongs to people, before somebody leaves."""

import importlib
import pkgutil
from functools import cache

import db


@cache
def import_areas() -> None:
    """Import the actions of all areas: each registers its belongings there."""
    for module in pkgutil.walk_packages(db.__path__, prefix="db."):
        if module.name.endswith(".actions"):
            importlib.import_module(module.name)
