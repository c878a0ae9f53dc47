"""Checks that the migrations lead exactly to the tables as they are declared."""

import os
import tempfile

from alembic import command

with tempfile.TemporaryDirectory() as folder:
    os.environ["BOUSSOLE_DATA"] = folder
    os.environ.pop("BOUSSOLE_DATABASE_URL", None)

    from db.migrations.run import config, upgrade
    from db.session import COMPANY, database_url

    upgrade(COMPANY)
    command.check(config(database_url(COMPANY)))
