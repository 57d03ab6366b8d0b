"""A file that changes while it is read, and lines of many keys with underscores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from generator.plan.types import BIGINT, STRING
from generator.run.landing import flat, reader
from generator.run.landing.model import LandingError, LandingSource
from generator.runtime.rules import LandingColumn
from generator.runtime.shapes import Member

COLUMNS = (LandingColumn("col_1", "col_1", BIGINT), LandingColumn("col_11", "col_11", STRING))


@pytest.mark.parametrize("change", ["appended", "rewritten", "removed", "added"])
def test_a_file_that_changes_meanwhile_fails_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    file = tmp_path / "s" / "a.json"
    file.parent.mkdir()
    file.write_text('{"col_1":1,"col_11":"x"}\n')
    read = reader._read

    def meanwhile(*arguments: Any) -> Any:
        found = read(*arguments)
        if change == "removed":
            file.unlink()
        elif change == "added":
            (file.parent / "b.json").write_text("{}\n")
        else:
            file.write_text('{"col_1":2,"col_11":"y"}\n' * (2 if change == "appended" else 1))
        return found

    monkeypatch.setattr(reader, "_read", meanwhile)
    with duckdb.connect() as connection, pytest.raises(LandingError, match="changed while it was read"):
        reader.read_landing(connection, LandingSource("s", "s/", "json", COLUMNS), tmp_path)


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
