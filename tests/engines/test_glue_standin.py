"""The stand-in for `awsglue` keeps Glue's documented rules: whoever runs scripts on it can believe the rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest

from generator.run.spark.session import local_spark
from tests.conftest import require_pyspark

require_pyspark()

from tests.engines.glue_standin.frames import DynamicFrame, DynamicFrameCollection, Unsupported, path  # noqa: E402

pytestmark = pytest.mark.spark
ORDERS = [{"id": 1, "person": 7, "city": "Oslo"}, {"id": 2, "person": 7}, {"id": 3, "person": None, "city": None}]
TYPES = {"id": "bigint", "person": "bigint", "city": "string"}
PEOPLE = [{"id": 7, "city": "Rome"}, {"id": 8, "city": "Bern"}]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> Iterator[Any]:
    """What frames need of a GlueContext."""
    need(shutil.which("java") and find_spec("pyspark"), "local Spark needs pyspark and Java 17")
    folder = tmp_path_factory.mktemp("spark")
    with local_spark("frames", folder, folder / "log") as session:
        yield SimpleNamespace(spark_session=session)


@pytest.fixture
def orders() -> DynamicFrame:
    return DynamicFrame(ORDERS, TYPES, None)


@pytest.fixture
def people() -> DynamicFrame:
    return DynamicFrame(PEOPLE, {"id": "bigint", "city": "string"}, None)


def test_a_filter_drops_what_raises(orders: DynamicFrame) -> None:
    assert [one["id"] for one in orders.filter(lambda row: row["city"] != "Oslo").records] == [3]  # no key is no None
    assert [one["id"] for one in orders.filter(lambda row: row["city"] == None).records] == [3]  # noqa: E711
    assert [one["id"] for one in orders.filter(lambda row: row["person"] > 1).records] == [1, 2]  # None > 1 raises
    assert orders.filter(lambda row: int(row["city"]) > 1).records == []
    with pytest.raises(ZeroDivisionError):
        orders.filter(lambda row: 1 / 0)


def test_a_join_dots_the_second_sides_names(orders: DynamicFrame, people: DynamicFrame) -> None:
    joined = orders.join("person", "id", people)
    assert list(joined.types) == ["id", "person", "city", ".id", ".city"]
    assert joined.records == [
        {"id": 1, "person": 7, "city": "Oslo", ".id": 7, ".city": "Rome"},
        {"id": 2, "person": 7, ".id": 7, ".city": "Rome"},
    ]
    assert list(joined.drop_fields(["id"]).types) == ["person", "city", ".id", ".city"]
    assert list(joined.select_fields(["`.id`", "city"]).types) == [".id", "city"]
    assert list(joined.rename_field("`.id`", "buyer").types) == ["id", "person", "city", "buyer", ".city"]
    with pytest.raises(Unsupported):
        joined.join(["person"], ["id"], people)


def test_a_mapping_names_all_that_stays(orders: DynamicFrame) -> None:
    mapped = orders.apply_mapping([("id", "long", "number", "string"), ("city", "string", "town", "int")])
    assert mapped.records == [{"number": "1", "town": None}, {"number": "2"}, {"number": "3", "town": None}]
    assert mapped.types == {"number": "string", "town": "int"}


def test_fields(orders: DynamicFrame) -> None:
    assert orders.drop_fields(["city", "colour"]).types == {"id": "bigint", "person": "bigint"}
    assert orders.select_fields(["city"]).records == [{"city": "Oslo"}, {}, {"city": None}]
    parts = orders.split_fields(["id"], "few", "rest")
    assert isinstance(parts, DynamicFrameCollection)
    assert list(parts.select("rest").types) == ["person", "city"]
    assert path("`a.b`.c") == ["a.b", ".c"] or path("`a.b`.c") == ["a.b", "c"]
    assert path(".id") == [".id"]


def test_a_dataframe_has_every_column_in_every_row(orders: DynamicFrame, context: Any) -> None:
    orders.glue_ctx = context
    frame = orders.toDF()
    assert [tuple(row) for row in frame.collect()] == [(1, 7, "Oslo"), (2, 7, None), (3, None, None)]
    back = DynamicFrame.fromDF(frame, context, "back")
    assert back.records[1] == {"id": 2, "person": 7, "city": None}
    assert [one["id"] for one in back.filter(lambda row: row["city"] != "Oslo").records] == [2, 3]
    with pytest.raises(Unsupported):
        DynamicFrame.fromDF(frame.join(frame.alias("other"), "id"), context, "twice")
    assert orders.gs_derived("next", "id + 1").records[0]["next"] == 2


def test_a_union_keeps_all_records(orders: DynamicFrame) -> None:
    assert orders.union(orders).count() == 6
