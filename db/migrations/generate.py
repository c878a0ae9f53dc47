"""Write the first release's one migration anew from the tables (only while nothing has been released)."""

import tempfile
from pathlib import Path

from alembic import command

from db.migrations.run import HERE, config


def main() -> None:
    """Replace the initial migration by one made from the present tables."""
    for old in (HERE / "versions").glob("*_initial.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        settings = config(f"sqlite:///{Path(folder) / 'empty.sqlite'}")
        settings.set_main_option("file_template", "20261124_initial")
        command.revision(settings, message="initial", autogenerate=True, rev_id="20261124_1")


if __name__ == "__main__":
    main()
