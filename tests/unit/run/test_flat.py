"""Lines of many keys with underscores."""

from __future__ import annotations

import duckdb

from generator.plan.types import BIGINT, STRING
from generator.run.landing import flat
from generator.runtime.rules import LandingColumn
from generator.runtime.shapes import Member

COLUMNS = (LandingColumn("col_1", "col_1", BIGINT), LandingColumn("col_11", "col_11", STRING))


def proven(line: str) -> bool:
    members = (Member("{", '"col_1"', ":", "number"), Member(",", '"col_11"', ":", "string"))
    found = flat.proof(COLUMNS, [members])
    assert found is not None
    types = "{" + ", ".join(f'"{key}": "{kind}"' for key, kind in found.types.items()) + "}"
    with duckdb.connect() as connection:
        query = f"SELECT {found.condition} FROM (SELECT $1 AS line, json_transform($1, '{types}') AS value)"
        return bool(connection.execute(query, [line]).fetchall()[0][0])


def test_keys_with_underscores_are_told_apart() -> None:
    """`col_1` in a pattern of wildcards would be `col_11`, too."""
    assert proven('{"col_1":5,"col_11":"a_b*c"}')
    assert proven('{"col_1":null,"col_11":"x"}')
    assert not proven('{"col*1":5,"col_11":"x"}')
    assert not proven('{"col_11":5,"col_1":"7"}')
    assert not proven('{"colx1":5,"col_11":"x"}')
