"""The text index beside `search_entry`: FTS5 on SQLite, an array of grams with GIN on PostgreSQL.

Three characters and more are found anywhere in the text by its trigrams; one or two are found where a word begins. On
both databases (and in `rules.begins`) a word is a run of letters and figures, of which every character beyond ASCII is
one. Neither index needs an extension: SQLite is built with FTS5 (its trigram tokenizer folds nothing, so the text
arrives folded), and PostgreSQL indexes a `text[]` that a small immutable function computes, `^` before beginnings.
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
    (
        "create virtual table if not exists search_fts_start using fts5("
        "folded, content='search_entry', content_rowid='number', tokenize='ascii', prefix='1 2', detail=none)"
    ),
    (
        "insert into search_fts_start(search_fts_start) select 'rebuild' where exists (select 1 from search_entry) "
        "and not exists (select 1 from search_fts_start_docsize)"
    ),
    (
        "create trigger if not exists search_fts_start_insert after insert on search_entry begin "
        "insert into search_fts_start(rowid, folded) values (new.number, new.folded); end"
    ),
    (
        "create trigger if not exists search_fts_start_delete after delete on search_entry begin "
        "insert into search_fts_start(search_fts_start, rowid, folded) values ('delete', old.number, old.folded); end"
    ),
    (
        "create trigger if not exists search_fts_start_update after update of folded on search_entry "
        "when old.folded is not new.folded begin "
        "insert into search_fts_start(search_fts_start, rowid, folded) values ('delete', old.number, old.folded); "
        "insert into search_fts_start(rowid, folded) values (new.number, new.folded); end"
    ),
    "create index if not exists search_entry_beginning on search_entry (kind, substr(folded, 1, 40))",
]

_POSTGRES = [
    (
        "create or replace function search_grams(given text) returns text[] language sql immutable parallel safe as "
        "$$ select array(select distinct substr(given, i, 3) from generate_series(1, length(given) - 2) as i "
        "union select '^' || left(word, n) from regexp_split_to_table(given, '[\\x01-\\x2f\\x3a-\\x60\\x7b-\\x7f]+') "
        "as word, generate_series(1, 2) as n where length(word) >= n) $$"
    ),
    "create index if not exists search_entry_grams on search_entry using gin (search_grams(folded))",
    "drop index if exists search_entry_trigrams",
    "drop function if exists search_trigrams(text)",
    (
        "create index if not exists search_entry_beginning "
        "on search_entry (kind, substr(folded, 1, 40) text_pattern_ops)"
    ),
]


def statements(dialect: str) -> list[str]:
    """Return the statements that create the index where it is missing; safe to repeat."""
    return list(_SQLITE if dialect == "sqlite" else _POSTGRES)
