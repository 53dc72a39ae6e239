"""Whether words can be read in the database as it stands on the disk."""

from collections.abc import Iterable

from psycopg import sql

from tests.platform import Platform

TABLES = """SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"""
LOOK = """SELECT DISTINCT word FROM (SELECT t::text AS content FROM {} AS t OFFSET 0) AS whole,
LATERAL unnest(%(words)s::text[], %(forms)s::text[]) AS sought (word, form) WHERE strpos(content, form) > 0"""
"""Each row is made text once, however many words are sought."""


def where_they_stand(platform: Platform, words: Iterable[str]) -> dict[str, list[str]]:
    """For each of `words` the tables of the whole database in which it stands, as text or as bytes."""
    sought = list(words)
    found: dict[str, list[str]] = {word: [] for word in sought}
    both = {"words": sought * 2, "forms": sought + [word.encode().hex() for word in sought]}
    with platform.connection() as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            for (word,) in connection.execute(sql.SQL(LOOK).format(sql.Identifier(table)), both):
                found[word].append(table)
    return found
