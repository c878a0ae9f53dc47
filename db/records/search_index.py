"""The text index beside `search_entry`: FTS5 with trigrams on SQLite, an array of trigrams with GIN on PostgreSQL.

Neither needs an extension: SQLite is built with FTS5 (its trigram tokenizer folds nothing, so the text arrives folded),
and PostgreSQL indexes a `text[]` that a small immutable function computes.
"""

_SQLITE = [
    (
        "create virtual table if not exists search_fts using fts5("
        "folded, content='search_entry', content_rowid='number', tokenize='trigram')"
    ),
    (
        "create trigger if not exists search_fts_insert after insert on search_entry begin "
        "insert into search_fts(rowid, folded) values (new.number, new.folded); end"
    ),
    (
        "create trigger if not exists search_fts_delete after delete on search_entry begin "
        "insert into search_fts(search_fts, rowid, folded) values ('delete', old.number, old.folded); end"
    ),
    (
        "create trigger if not exists search_fts_update after update of folded on search_entry "
        "when old.folded is not new.folded begin "
        "insert into search_fts(search_fts, rowid, folded) values ('delete', old.number, old.folded); "
        "insert into search_fts(rowid, folded) values (new.number, new.folded); end"
    ),
    "create index if not exists search_entry_beginning on search_entry (kind, substr(folded, 1, 40))",
]

_POSTGRES = [
    (
        "create or replace function search_trigrams(given text) returns text[] language sql immutable parallel safe as "
        "$$ select array(select distinct substr(given, i, 3) from generate_series(1, length(given) - 2) as i) $$"
    ),
    "create index if not exists search_entry_trigrams on search_entry using gin (search_trigrams(folded))",
    (
        "create index if not exists search_entry_beginning "
        "on search_entry (kind, substr(folded, 1, 40) text_pattern_ops)"
    ),
]


def statements(dialect: str) -> list[str]:
    """Return the statements that create the index where it is missing; safe to repeat."""
    return list(_SQLITE if dialect == "sqlite" else _POSTGRES)
