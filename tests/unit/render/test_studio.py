"""The graphs for Glue Studio are what the Glue API takes, by botocore's own model: shapes, patterns, enums, edges."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.jobs.plan import plan_jobs
from generator.plan.lake import CompiledLake
from generator.render.studio import render_studio
from tests.unit.render.test_job_scripts import SPECS, lake, lakes

Need = Callable[[object, str], None]
Graph = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def create_job(need: Need) -> Any:
    """The shape of what `CreateJob` takes."""
    need(importlib.util.find_spec("botocore"), "botocore isn't installed: pip install '.[aws]'")
    from botocore.session import get_session

    return get_session().get_service_model("glue").operation_model("CreateJob").input_shape


def graphs(found: CompiledLake) -> Iterator[tuple[str, dict[str, Any]]]:
    for file, text in render_studio(found).items():
        yield file, json.loads(text)


def problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    """What the model says against a value; botocore itself looks at neither patterns nor enums."""
    if shape.type_name == "structure":
        yield from (f"{path}: {name} is missing" for name in shape.required_members if name not in value)
        yield from (f"{path}: {name} is unknown" for name in value if name not in shape.members)
        for name, part in value.items():
            if name in shape.members:
                yield from problems(shape.members[name], part, f"{path}.{name}")
    elif shape.type_name == "list":
        yield from bounds(shape, len(value), path)
        for index, part in enumerate(value):
            yield from problems(shape.member, part, f"{path}[{index}]")
    elif shape.type_name == "map":
        for name, part in value.items():
            yield from problems(shape.key, name, f"{path} key {name}")
            yield from problems(shape.value, part, f"{path}.{name}")
    elif shape.type_name == "string":
        yield from bounds(shape, len(value), path)
        if value not in shape.enum and shape.enum:
            yield f"{path}: {value} is none of {shape.enum}"
        if not re.fullmatch(pattern(shape), value, flags=re.DOTALL):
            yield f"{path}: {value!r} doesn't match {pattern(shape)}"
    elif type(value) is not {"boolean": bool, "integer": int, "long": int}[shape.type_name]:
        yield f"{path}: {value!r} is no {shape.type_name}"


def bounds(shape: Any, size: int, path: str) -> Iterator[str]:
    if not shape.metadata.get("min", 0) <= size <= shape.metadata.get("max", size):
        yield f"{path}: {size} is out of bounds"


def pattern(shape: Any) -> str:
    """The pattern in Python's spelling: characters beyond the first plane are one, not a pair of surrogates."""
    found: str = shape.metadata.get("pattern", "[\\s\\S]*")
    return found.replace(r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff")


def inputs(node: dict[str, Any]) -> list[str]:
    (values,) = node.values()
    found: list[str] = values.get("Inputs", [])
    return found


def check_graph(graph: Graph, makes: Sequence[str]) -> None:
    """Each node gets its rows from others, in no circle, and each leads to a target or a report."""
    order: list[str] = []
    waiting = dict(graph)
    while waiting:
        ready = [name for name, node in waiting.items() if set(inputs(node)) <= set(order)]
        assert ready, f"edges that lead nowhere, or in a circle: {waiting}"
        order += ready
        for name in ready:
            del waiting[name]
    used = {name for node in graph.values() for name in inputs(node)}
    ends = {name: next(iter(graph[name])) for name in graph if name not in used}
    assert set(ends.values()) <= {"S3GlueParquetTarget", "EvaluateDataQuality"}
    targets = {name for name, node in graph.items() if "S3GlueParquetTarget" in node}
    assert targets == {f"{step}_target" for step in makes}
    for name, node in graph.items():
        ((kind, values),) = node.items()
        assert bool(inputs(node)) != (kind.startswith("S3") and kind.endswith("Source")), name
        if kind == "SparkSQL":
            assert {alias["From"] for alias in values["SqlAliases"]} == set(values["Inputs"])
            aliases = [alias["Alias"] for alias in values["SqlAliases"]]
            assert len(set(aliases)) == len(aliases)
        if kind == "Join":
            assert [side["From"] for side in values["Columns"]] == values["Inputs"]
            assert len({len(side["Keys"]) for side in values["Columns"]}) == 1


def test_every_graph_is_valid(create_job: Any) -> None:
    from botocore.validate import ParamValidator

    tried = 0
    for name, found in lakes():
        planned = plan_jobs(found)
        for file, job in graphs(found):
            assert job["JobMode"] == "VISUAL" and job["Command"]["ScriptLocation"].startswith("s3://${bucket}/studio/")
            report = ParamValidator().validate(job, create_job)
            assert not report.has_errors(), f"{name} {file}: {report.generate_report()}"
            assert list(problems(create_job, job, "")) == [], f"{name} {file}"
            check_graph(job["CodeGenConfigurationNodes"], planned[file.removesuffix(".json")].makes)
            tried += 1
    assert tried > 100


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Inputs": []}, "out of bounds"),
        ({"JoinType": "semi"}, "none of"),
        ({"Inputs": ["a b", "c"]}, "doesn't match"),
        ({"More": 1}, "unknown"),
        ({"Name": None}, "missing"),
        ({"Name": "a\nb"}, "doesn't match"),
    ],
)
def test_the_checker_sees_what_is_wrong(create_job: Any, change: dict[str, Any], problem: str) -> None:
    keys = {"Keys": [["a"]]}
    node = {
        "Name": "n",
        "Inputs": ["a", "b"],
        "JoinType": "left",
        "Columns": [{"From": "a", **keys}, {"From": "b", **keys}],
    }
    shape = create_job.members["CodeGenConfigurationNodes"].value
    assert list(problems(shape, {"Join": node}, "")) == []
    wrong = {name: value for name, value in {**node, **change}.items() if value is not None}
    found = list(problems(shape, {"Join": wrong}, ""))
    assert len(found) == 1 and problem in found[0]


def kinds(graph: Graph) -> dict[str, str]:
    return {name: next(iter(node)) for name, node in graph.items()}


def test_the_reference_lake_as_pictures() -> None:
    found = lake(SPECS["stedi"].read_text(encoding="utf-8"))
    assert found is not None
    made = {file: job["CodeGenConfigurationNodes"] for file, job in graphs(found)}
    assert set(made) == {f"{name}.json" for name in plan_jobs(found)}
    assert kinds(made["accelerometer_landing.json"]) == {
        "accelerometer_landing_raw": "S3JsonSource",
        "accelerometer_landing": "ApplyMapping",
        "accelerometer_landing_target": "S3GlueParquetTarget",
    }
    assert kinds(made["accelerometer_trusted.json"]) == {
        "accelerometer_landing": "S3CatalogSource",
        "customer_trusted": "S3CatalogSource",
        "accelerometer_trusted_semi_customer_trusted": "Join",
        "accelerometer_trusted": "SelectFields",
        "accelerometer_trusted_target": "S3GlueParquetTarget",
    }
    assert kinds(made["customer_trusted.json"])["customer_trusted_filter"] == "Filter"
    assert "SparkSQL" not in {kind for graph in made.values() for kind in kinds(graph).values()}
    join = made["accelerometer_trusted.json"]["accelerometer_trusted_semi_customer_trusted"]["Join"]
    assert join["JoinType"] == "leftsemi"
    assert [side["Keys"] for side in join["Columns"]] == [[["user"]], [["email"]]]


def test_checks_stop_the_job_and_warnings_do_not() -> None:
    analysis = check_spec(SourceText("pipeline.yaml", CHECKED))
    assert analysis.lake is not None
    made = {file: job["CodeGenConfigurationNodes"] for file, job in graphs(analysis.lake)}
    nodes = made["t.json"]
    assert inputs(nodes["t_target"]) == ["t_checks"]
    checks, warnings = nodes["t_checks"]["EvaluateDataQuality"], nodes["t_warnings"]["EvaluateDataQuality"]
    assert 'IsComplete "a"' in checks["Ruleset"] and "RowCount" in warnings["Ruleset"]
    assert checks["StopJobOnFailureOptions"] == {"StopJobOnFailureTiming": "Immediate"}
    assert "StopJobOnFailureOptions" not in warnings and "é" not in checks["Ruleset"]
    assert made["s.json"]["s_raw"]["S3CatalogSource"]["Table"] == "s_raw", "Studio knows no `~` as a delimiter"


def test_partitions_of_studio_are_columns() -> None:
    analysis = check_spec(SourceText("pipeline.yaml", PARTITIONED))
    assert analysis.lake is not None
    made = {name: node for _, job in graphs(analysis.lake) for name, node in job["CodeGenConfigurationNodes"].items()}
    keys = {name: made[f"{name}_target"]["S3GlueParquetTarget"].get("PartitionKeys") for name in ("s", "t", "u")}
    assert keys == {"s": [["kind"]], "t": None, "u": None}


def test_partitions_are_valid(create_job: Any) -> None:
    from botocore.validate import ParamValidator

    analysis = check_spec(SourceText("pipeline.yaml", PARTITIONED))
    assert analysis.lake is not None
    for _, job in graphs(analysis.lake):
        assert not ParamValidator().validate(job, create_job).has_errors()
        assert list(problems(create_job, job, "")) == []


PARTITIONED = """
version: 1
lake: parts
zones: {z: {}}
sources:
  s: {path: s/, partition_by: [day(at), kind], columns: {at: timestamp, kind: string}}
tables:
  t: {zone: z, source: s, partition_by: [day(at)]}
  u: {zone: z, source: s, select: [kind], partition_by: [kind]}
"""

CHECKED = """
version: 1
lake: checked
zones: {z: {}}
sources:
  s: {path: s/, format: csv, delimiter: "~", columns: {a: string, b: int}}
tables:
  t:
    zone: z
    source: s
    expect:
      - not_null: [a]
      - values: {a: [é]}
      - rows: {min: 1}
        severity: warn
"""
