"""What newer columns derive from older ones, for rows that were there before the columns; safe to repeat."""

from sqlalchemy import Connection, bindparam, text

from db.records.search.rules import fold

ORDERS = text("update opportunity set amount_order = coalesce(expected_amount, -1) where name_order = ''")
UNNAMED = text("select id, name from opportunity where name_order = ''")
IDENTITIES = text(
    "insert into party_identity (id, party_id) select p.id, p.id from party p "
    "where not exists (select 1 from party_identity i where i.id = p.id)"
)
NAMES = text("update opportunity set name_order = :folded where id = :b_id").bindparams(bindparam("b_id"))


def derive(connection: Connection) -> None:
    """Fill the orders of opportunities that have none yet, and give each party its identity."""
    connection.execute(IDENTITIES)
    connection.execute(ORDERS)
    rows = [{"b_id": row[0], "folded": fold(row[1])} for row in connection.execute(UNNAMED)]
    if rows:
        connection.execute(NAMES, rows)
