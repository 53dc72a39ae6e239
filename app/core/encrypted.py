"""Which values are encrypted, and for what place: said in the models, so that all of them are found when keys change.

A column of bytes is `Mapped[Encrypted]`, sealed for `<scope>/<table>/<column>/<id>`; one with another place says it
with `encrypted_for`. A column that names an encrypted blob says the blob's place with `blob_for`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import mapped_column

from app.core.scope import Scope

_PLACE = "encrypted_for"
_BLOB = "blob_for"


def encrypted_for(place: str) -> dict[str, Any]:
    """The `info` of an encrypted column; `place` may name `{scope}`, `{table}`, `{column}` and columns of the key."""
    return {_PLACE: place}


def blob_for(place: str) -> dict[str, Any]:
    """The `info` of a column that has the address of an encrypted blob."""
    return {_BLOB: place}


Encrypted = Annotated[bytes, mapped_column(info=encrypted_for("{scope}/{table}/{column}/{id}"))]
"""Bytes that `Cipher.seal` made for the row's own place."""


def encrypted_columns(table: Table) -> list[Column[Any]]:
    """The encrypted columns of `table`."""
    return [column for column in table.c if _PLACE in column.info]


def blob_columns(table: Table) -> list[Column[Any]]:
    """The columns of `table` that name encrypted blobs."""
    return [column for column in table.c if _BLOB in column.info]


def place_of(column: Column[Any], scope: Scope, row: Mapping[str, Any]) -> str:
    """The place of what `column` holds, or of the blob that it names, in the row of `scope` with that primary key."""
    place: str = column.info.get(_PLACE) or column.info[_BLOB]
    return place.format(scope=scope, table=column.table.name, column=column.name, **row)
