"""A spec of several files, by the commands that a user types."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli.main import main
from generator.deploy.terraform import Terraform
from generator.diagnostics import GeneratorError

PIPELINE = """version: 1
lake: shop
include: [sources/*.yaml, tables/*.yaml]
zones: {landing: {}, trusted: {}, curated: {}}
"""
ORDERS = """# yaml-language-server: $schema=../build/included.schema.json
sources:
  orders:
    path: orders/
    owner: shop team
    tags: [nightly, money]
    columns: {order_id: bigint, amount: double, status: string}
"""
PAID = """tables:
  paid_orders:
    zone: trusted
    source: orders
    filter: status = 'paid'
"""
BIG = """tables:
  big_orders:
    zone: curated
    tags: nightly
    source: paid_orders
    filter: amount > 150
"""
JOB = """import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glueContext = GlueContext(SparkContext())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
Orders_node1 = glueContext.create_dynamic_frame.from_catalog(
    database="shop", table_name="orders", transformation_ctx="Orders_node1"
)
Target_node2 = glueContext.write_dynamic_frame.from_catalog(
    frame=Orders_node1, database="shop", table_name="TABLE", transformation_ctx="Target_node2"
)
job.commit()
"""


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {"pipeline.yaml": PIPELINE, "sources/orders.yaml": ORDERS, "tables/paid.yaml": PAID, "tables/big.yaml": BIG}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    rows = [{"order_id": number, "amount": number * 100.0, "status": "paid"} for number in range(1, 5)]
    (tmp_path / "data" / "orders").mkdir(parents=True)
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    (tmp_path / "data" / "orders" / "a.json").write_text(lines, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


Out = Callable[[], tuple[str, str]]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    return lambda: tuple(capsys.readouterr())  # type: ignore[return-value]


def test_findings_say_the_file_in_every_format(lake: Path, out: Out) -> None:
    edit("tables/big.yaml", "amount > 150", "amuont > 150")
    assert main(["check"]) == 1
    assert " --> tables/big.yaml:6:13\n6 |     filter: amuont > 150\n" in out()[0]
    assert main(["check", "--format", "json"]) == 1
    (found,) = json.loads(out()[0])["diagnostics"]
    assert (found["path"], found["line"], found["column"]) == ("tables/big.yaml", 6, 13)
    assert main(["check", "--format", "sarif"]) == 1
    ((place,),) = [one["locations"] for one in json.loads(out()[0])["runs"][0]["results"]]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "tables/big.yaml"
    assert place["physicalLocation"]["region"]["startLine"] == 6
    for command in (["run"], ["build"], ["explain", "big_orders"], ["docs"], ["diff", "pipeline.yaml"]):
        assert main(command) == 1
        assert "--> tables/big.yaml:6:13" in "".join(out()), command
    assert not Path("build").exists()


def test_two_places_in_two_files_are_both_shown(lake: Path, out: Out) -> None:
    edit("tables/paid.yaml", "paid_orders", "big_orders")
    assert main(["check"]) == 1
    assert out()[0].startswith(
        "error[Y002]: duplicate key `big_orders`\n"
        " --> tables/paid.yaml:2:3\n"
        "2 |   big_orders:\n"
        "  |   ^^^^^^^^^^ second use\n"
        " ::: tables/big.yaml:2:3\n"
        "2 |   big_orders:\n"
        "  |   ---------- first use\n"
    )


def test_a_run_notices_what_changed_in_any_file(lake: Path, out: Out) -> None:
    def tables() -> dict[str, tuple[int, bool]]:
        assert main(["run", "--json"]) == 0
        report = json.loads(out()[0])["tables"]
        return {name: (one["rows"], one["unchanged"]) for name, one in report.items()}

    assert tables() == {"orders": (4, False), "paid_orders": (4, False), "big_orders": (3, False)}
    assert tables() == {"orders": (4, True), "paid_orders": (4, True), "big_orders": (3, True)}
    edit("tables/big.yaml", "150", "350")
    assert tables() == {"orders": (4, True), "paid_orders": (4, True), "big_orders": (1, False)}
    Path("tables/more.yaml").write_text(BIG.replace("big_orders", "more"), encoding="utf-8")
    assert tables()["more"] == (3, False)
    os.rename("tables/big.yaml", "tables/a.yaml")  # where a table is declared changes nothing of its rows
    assert tables()["big_orders"] == (1, True)


def test_a_warning_that_is_remembered_has_its_place(lake: Path, out: Out) -> None:
    edit("tables/big.yaml", "amount > 150", "cast(status as int) > 1")
    assert main(["run"]) == 0
    first = out()[1]
    assert "--> tables/big.yaml:6:13" in first
    assert main(["run"]) == 0
    assert out()[1].split("\n\n")[0] == first.split("\n\n")[0]


def test_what_is_built_says_where_a_table_is_declared(lake: Path, out: Out) -> None:
    assert main(["build"]) == 0
    manifest = json.loads(Path("build/manifest.json").read_text(encoding="utf-8"))
    assert manifest["tables"]["big_orders"]["file"] == "tables/big.yaml"
    assert (
        manifest["sources"]["orders"] | {"file": "sources/orders.yaml", "owner": "shop team"}
        == manifest["sources"]["orders"]
    )
    assert (manifest["sources"]["orders"]["tags"], manifest["tables"]["big_orders"]["tags"]) == (
        ["nightly", "money"],
        ["nightly"],
    )
    assert "Generated from tables/big.yaml (tables.big_orders)" in Path("build/jobs/big_orders.py").read_text()
    assert 'lake_tags  = "nightly,money"' in Path("build/terraform/lake_sources.tf").read_text()
    assert main(["explain", "orders"]) == 0
    assert "Declared in sources/orders.yaml, owned by shop team, tagged nightly and money." in out()[0]
    assert main(["explain", "big_orders"]) == 0
    assert "Declared in tables/big.yaml, tagged nightly." in out()[0]
    os.rename("tables/big.yaml", "tables/small.yaml")
    assert main(["build", "--check"]) == 1
    assert "manifest.json is out of date" in "".join(out())


def git(*words: str) -> None:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})


@pytest.mark.parametrize("folder", ["", "lakes/shop"])
def test_a_revision_has_the_files_that_it_had(
    folder: str, lake: Path, out: Out, monkeypatch: pytest.MonkeyPatch, need: Callable[[object, str], None]
) -> None:
    need(shutil.which("git"), "git isn't installed")
    inside = lake / "repository" / folder
    inside.mkdir(parents=True)
    for name in ("pipeline.yaml", "sources", "tables"):
        shutil.move(lake / name, inside / name)
    monkeypatch.chdir(lake / "repository")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "x")
    monkeypatch.chdir(inside)
    assert main(["diff", "main"]) == 0
    assert "nothing" in out()[0].lower()
    edit("tables/big.yaml", "150", "200")
    os.rename("tables/paid.yaml", "tables/settled.yaml")
    path = f"{folder}/pipeline.yaml".lstrip("/")
    for old in ("main", "HEAD", f"main:{path}", "main:./pipeline.yaml", f":{path}"):
        assert main(["diff", old, "--format", "json"]) == 0, old
        changes = json.loads(out()[0])["changes"]
        assert [(one["name"], one["aspect"]) for one in changes] == [("big_orders", "rows")], old
    Path("tables/settled.yaml").unlink()
    git("add", "-A", ".")
    git("commit", "-qm", "broken")
    shutil.copy(lake / "repository" / folder / "tables/big.yaml", "tables/paid.yaml")
    edit("tables/paid.yaml", "big_orders", "paid_orders")
    edit("tables/paid.yaml", "source: paid_orders", "source: orders")
    assert main(["diff", "HEAD"]) == 1
    assert "HEAD:pipeline.yaml doesn't compile" in "".join(out())
    assert main(["diff", "main~1"]) == 0


def test_import_puts_tables_into_the_spec_beside_those_that_it_includes(lake: Path, out: Out) -> None:
    Path("job.py").write_text(JOB.replace("TABLE", "all_orders"), encoding="utf-8")
    assert main(["import", "job.py", "--spec", "pipeline.yaml", "--output", "new.yaml"]) == 0, out()
    assert main(["check", "new.yaml"]) == 0
    assert "1 source, 3 tables" in out()[0]
    Path("job.py").write_text(JOB.replace("TABLE", "big_orders"), encoding="utf-8")
    assert main(["import", "job.py", "--spec", "pipeline.yaml", "--output", "newer.yaml"]) == 1
    assert "`big_orders` is in tables/big.yaml already, which the spec includes" in out()[1]
    assert not Path("newer.yaml").exists()


def test_a_spec_of_one_file_starts_without_yaml(lake: Path) -> None:
    Path("one.yaml").write_text(f"{PIPELINE.replace('include', '# include')}{ORDERS}{PAID}", encoding="utf-8")
    assert main(["run", "--spec", "one.yaml"]) == 0
    code = "import sys; from generator.cli.main import main; assert main(['run', '--spec', 'one.yaml']) == 0; "
    done = subprocess.run(
        [sys.executable, "-c", f"{code} assert 'yaml' not in sys.modules"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


SPARK = pytest.param(["--engine", "spark"], marks=pytest.mark.slow, id="spark")


@pytest.mark.parametrize("more", [pytest.param([], id="duckdb"), SPARK])
def test_what_is_left_out_stays_as_it_was(
    more: list[str], lake: Path, out: Out, need: Callable[[object, str], None]
) -> None:
    if more:
        need(shutil.which("java") and importlib.util.find_spec("pyspark"), "Java or pyspark isn't installed")

    def run(*words: str) -> dict[str, int]:
        assert main(["run", "--json", *more, *words]) == 0
        return {name: one["rows"] for name, one in json.loads(out()[0])["tables"].items()}

    assert run("--select", "tag:nightly", "--exclude", "path:tables/big.yaml") == {"orders": 4}
    assert run() == {"orders": 4, "paid_orders": 4, "big_orders": 3}
    (lake / "data" / "orders" / "b.json").write_text('{"order_id": 9, "amount": 900.0, "status": "paid"}\n')
    assert run("--exclude", "zone:curated") == {"orders": 5, "paid_orders": 5}
    catalog = json.loads((lake / ".lake" / "catalog.json").read_text(encoding="utf-8"))
    assert {name: table["rows"] for name, table in catalog["tables"].items()} == {"paid_orders": 5, "big_orders": 3}
    assert run("--select", "path:tables/big.yaml") == {"orders": 5, "paid_orders": 5, "big_orders": 4}


TEST = """tests:
  paid and ${name}:
    given: {orders: [{order_id: 1, amount: 200.0, status: paid}]}
    expect: {big_orders: [{order_id: "${one}"}]}
"""


def test_tests_stand_in_included_files_too(lake: Path, out: Out) -> None:
    with open("pipeline.yaml", "a", encoding="utf-8") as file:
        file.write("variables: {one: 1}\n")
    with open("tables/big.yaml", "a", encoding="utf-8") as file:
        file.write(TEST.replace("${name}", "included"))
    (lake / "tests").mkdir()
    Path("tests/more.yaml").write_text(TEST.replace("${name}", "beside"), encoding="utf-8")
    assert main(["test", "--json"]) == 0
    report = json.loads(out()[0])
    assert [one["status"] for one in report["tests"]] == ["ok", "ok"], report
    assert main(["test", "--var", "one=2"]) == 1
    shown = "".join(out())
    assert "tables/big.yaml:8" in shown and "tests/more.yaml:2" in shown
    edit("tests/more.yaml", "${one}", "${two}")
    assert main(["check"]) == 1
    assert "error[S010]: there is no variable `two`" in out()[0]


# Variables --------------------------------------------------------------------------------------------


@pytest.fixture
def varied(lake: Path) -> Path:
    with open("pipeline.yaml", "a", encoding="utf-8") as file:
        file.write("variables:\n  env: dev\n  least: {type: double, default: 150}\n")
    edit("sources/orders.yaml", "path: orders/", "path: ${env}/orders/")
    edit("tables/big.yaml", "150", "${least}")
    for env in ("dev", "prod"):
        shutil.copytree("data/orders", f"data/{env}/orders")
    return lake


def test_a_changed_value_makes_anew_what_uses_it(varied: Path, out: Out) -> None:
    def tables(*words: str) -> dict[str, tuple[int, bool]]:
        assert main(["run", "--json", *words]) == 0
        report = json.loads(out()[0])["tables"]
        return {name: (one["rows"], one["unchanged"]) for name, one in report.items()}

    assert tables()["big_orders"] == (3, False)
    assert tables("--var", "least=150") == {"orders": (4, True), "paid_orders": (4, True), "big_orders": (3, True)}
    assert tables("--var", "least=250") == {"orders": (4, True), "paid_orders": (4, True), "big_orders": (2, False)}
    assert tables("--var", "least=250")["big_orders"] == (2, True)
    assert tables("--var", "least=250", "--var", "env=prod")["orders"] == (4, False)
    assert tables()["big_orders"][0] == 3
    assert main(["run", "--var", "lest=1"]) == 1
    assert "error[S011]: --var lest: there is no such variable" in out()[1]
    assert main(["run", "--var", "least"]) == 1
    assert "--var least: write NAME=VALUE" in out()[1]


def test_a_build_holds_the_values_that_it_was_made_with(varied: Path, out: Out) -> None:
    assert main(["build"]) == 0
    manifest = json.loads(Path("build/manifest.json").read_text(encoding="utf-8"))
    assert manifest["variables"] == {
        "env": {"type": "string", "value": "dev"},
        "least": {"type": "double", "value": "150"},
    }
    for path in Path("build").rglob("*"):
        if path.is_file() and path.suffix in (".py", ".sql", ".json"):
            assert "${env}" not in path.read_text(encoding="utf-8") or path.name.endswith("schema.json"), path
    assert "dev/orders/" in Path("build/terraform/lake_jobs.tf").read_text(encoding="utf-8")
    assert main(["build", "--check", "--var", "env=dev"]) == 0
    assert main(["build", "--check", "--var", "env=prod"]) == 1
    assert main(["build", "--var", "env=prod"]) == 0
    assert "prod/orders/" in Path("build/terraform/lake_jobs.tf").read_text(encoding="utf-8")
    out()


def test_deploy_takes_values_for_the_spec_and_for_the_root_module(
    varied: Path, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[dict[str, str]] = []

    def plan(terraform: Terraform, file: Path, variables: dict[str, str], *_: object) -> None:
        passed.append(variables)
        raise GeneratorError("enough")

    monkeypatch.setattr(Terraform, "__init__", lambda self, folder: setattr(self, "name", "terraform"))
    monkeypatch.setattr(Terraform, "init", lambda self: None)
    monkeypatch.setattr("generator.deploy.preflight.require_same_region", lambda *_: None)
    monkeypatch.setattr("generator.cli.commands.deploy._plan", plan)
    assert main(["build", "--var", "env=prod"]) == 0
    with open("terraform/more.tf", "a", encoding="utf-8") as file:
        file.write('variable "least" {\n  default = 1\n}\n')
    out()
    assert main(["deploy", "plan"]) == 1
    assert "build is not current" in out()[1] and not passed
    assert main(["deploy", "plan", "--var", "env=prod", "--var", "least=150", "--var", "environment=try"]) == 1
    assert "enough" in out()[1]
    assert passed == [{"least": "150", "environment": "try"}]
    assert main(["deploy", "plan", "--var", "env=prod", "--var", "least=9"]) == 1
    assert "run `python -m generator build --var env=prod --var least=9`" in out()[1]


def test_a_difference_is_of_the_same_values(varied: Path, out: Out) -> None:
    Path("old.yaml").write_text(f"{PIPELINE.replace('include', '# include')}{ORDERS}{PAID}{BIG[8:]}", encoding="utf-8")
    assert main(["diff", "old.yaml", "--var", "env=prod", "--format", "json"]) == 0
    changes = {(one["name"], one["aspect"]) for one in json.loads(out()[0])["changes"]}
    assert changes >= {("orders", "reading")}
    shutil.copy("pipeline.yaml", "older.yaml")
    assert main(["diff", "older.yaml", "--var", "least=1"]) == 0
    assert "nothing" in out()[0].lower()
    for command in (["explain", "big_orders"], ["docs"], ["check"], ["simulate", "--withdraw", "a.b=c"]):
        assert main([*command, "--var", "least=x"]) == 1, command
        assert "--var least: `x` is no double" in "".join(out()), command
