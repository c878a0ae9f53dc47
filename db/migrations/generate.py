"""Write the newest migration anew: what leads from the one before it to the tables as they are declared.

A migration that has been released is frozen; the one that grows until the next release is named here.
"""

import re
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
    written = HERE / "versions" / f"{GROWING}_{MESSAGE}.py"
    written.write_text(with_inline_references(written.read_text()))


LATER_KEY = re.compile(r"    op\.create_foreign_key\(None, '(\w+)', '(\w+)', \['(\w+)'\], \['id'\]\)\n")
DROPPED_KEY = re.compile(r"(?:    #.*\n){3}    op\.drop_constraint\(None, '\w+', type_='foreignkey'\)\n")


def with_inline_references(source: str) -> str:
    """Return a migration whose added columns carry their key: SQLite adds no constraint to a table that exists."""
    for table, target, column in LATER_KEY.findall(source):
        added = re.compile(rf"(op\.add_column\('{table}', sa\.Column\('{column}', .+?)(, nullable=True\))\)")
        reference = rf"\1, sa.ForeignKey('{target}.id')\2, inline_references=True)"
        source = added.sub(reference, source)
    return DROPPED_KEY.sub("", LATER_KEY.sub("", source))


if __name__ == "__main__":
    main()
