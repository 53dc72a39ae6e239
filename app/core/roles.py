"""Making the database and its four roles; done once by an administrator.

`owner` has the tables and runs migrations; `app` serves requests and works; `sealer` seals the journal; `discovery`
finds waiting work. None is a superuser and none bypasses row-level security. Roles are server-wide, so they carry the
database's name.
"""

import re
import secrets
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from app.core.walls import role

ROLES = ("owner", "app", "sealer", "discovery")
LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
}
"""For the three roles of running processes; a migration may take longer."""
_NAME = re.compile(r"\A[a-z][a-z0-9_]{0,40}\Z")


class BadName(ValueError):
    """No name for a database here."""


class RolesExist(ValueError):
    """A role of the database is there already: a fresh password would lock a running platform out."""


def init(administrator: str, database: str, *, new_passwords: bool = False) -> dict[str, str]:
    """Make `database` and its roles with fresh passwords; returns each role's address.

    `administrator` is the address of a role that may create databases and roles. Raises BadName for a name that is
    not lower-case letters, digits and underscores, and RolesExist before anything is changed where a role is there
    already, unless it shall have a new password.
    """
    if not _NAME.match(database):
        raise BadName("a database's name is at most 41 lower-case letters, digits and underscores, a letter first")
    passwords = {name: secrets.token_urlsafe(24) for name in ROLES}
    with psycopg.connect(administrator, autocommit=True) as connection:
        if not new_passwords:
            _refuse_existing(connection, database)
        for name, password in passwords.items():
            _make_role(connection, role(database, name), password, limited=name != "owner")
        _make_database(connection, database)
    with psycopg.connect(_at(administrator, database), autocommit=True) as connection:
        _close_to_strangers(connection, database)
    return {name: _at(administrator, database, role(database, name), word) for name, word in passwords.items()}


def _refuse_existing(connection: psycopg.Connection, database: str) -> None:
    wanted = [role(database, name) for name in ROLES]
    found = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 1", [wanted]).fetchall()
    if found:
        names = ", ".join(name for (name,) in found)
        raise RolesExist(f"roles exist already: {names}; with new passwords whoever runs with the old ones is shut out")


def _make_role(connection: psycopg.Connection, name: str, password: str, *, limited: bool) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = "ALTER" if known else "CREATE"
    rights = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD"
    connection.execute(
        sql.SQL("{} ROLE {} {} {}").format(sql.SQL(verb), sql.Identifier(name), sql.SQL(rights), sql.Literal(password))
    )
    for setting, value in LIMITS.items() if limited else ():
        change = sql.SQL("ALTER ROLE {} SET {} = {}")
        connection.execute(change.format(sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)))


def _make_database(connection: psycopg.Connection, database: str) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        return
    owner = sql.Identifier(role(database, "owner"))
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), owner))


def _close_to_strangers(connection: psycopg.Connection, database: str) -> None:
    name = sql.Identifier(database)
    roles = sql.SQL(", ").join(sql.Identifier(role(database, one)) for one in ROLES)
    owner = sql.Identifier(role(database, "owner"))
    for statement in (
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, roles),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(roles),
        sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(owner),
    ):
        connection.execute(statement)


def _at(address: str, database: str, user: str | None = None, password: str | None = None) -> str:
    """`address` with another database, and with another user where one is given."""
    parts = urlsplit(address)
    place = parts.netloc if user is None else f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=place, path=f"/{database}"))
