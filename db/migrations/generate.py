"""Write the newest migration anew: what leads from the one before it to the tables as they are declared.

A migration that has been released is frozen; the one that grows until the next release is named here.
"""

import tempfile
from pathlib import Path

from alembic import command

from db.migrations.run import HERE, config

GROWING, BEFORE = "20261124_2", "20261124_1"
MESSAGE = "workplace"


def main() -> None:
    """Replace the growing migration by one made from the present tables."""
    for old in (HERE / "versions").glob(f"*_{MESSAGE}.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        settings = config(f"sqlite:///{Path(folder) / 'before.sqlite'}")
        command.upgrade(settings, BEFORE)
        settings.set_main_option("file_template", f"{GROWING}_{MESSAGE}")
        command.revision(settings, message=MESSAGE, autogenerate=True, rev_id=GROWING)


if __name__ == "__main__":
    main()
