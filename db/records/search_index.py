"""The text index beside `search_entry`: FTS5 with trigrams on SQLite, an array of trigrams with GIN on PostgreSQL."""


def statements(dialect: str) -> list[str]:
    """Return the statements that create the index where it is missing."""
    return []
