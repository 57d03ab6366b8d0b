"""README and docs/ name only variables, outputs, keys, options and columns that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.cli.main import commands
from generator.erasure.certificate import schema as certificate_schema
from generator.plan.expressions.functions import registry
from generator.runtime.rules import Reason, landing_column
from generator.runtime.time_patterns import EPOCHS
from tests.command_line import every_command, options_of
from tests.conftest import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "terraform/README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.stem not in ("codes", "functions", "spec")),
]
"""All but those that are made of the program's own data."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
SETTING = re.compile(r"([a-z]\w*)\s*=\s*\S.*")
KEY = re.compile(r"([a-z]\w*):(?: .*)?")
WORD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
OPTION = re.compile(r"(?<![\w-])--[a-zA-Z][\w-]*")
VAR = re.compile(r"-var[ =]([a-z]\w*)=")
OURS = re.compile(r".*python -m generator |--|(?:deploy|upload|start|verify|rollback|run|check|build|diff|init) ")

OF_OTHERS = {
    "aws_region",  # Terraform's provider
    "sizeOfNull", "timeParserPolicy",  # Spark
    "day",  # a partition folder's name
    "user_id", "consent", "plan", "level", "rn",  # columns as raw data might have them
    "args", "files",  # pre-commit
    "account_asks_for", "files_read", "bytes_read", "rows_read",  # what `deploy plan --json` and `run --json` print
    "latest", "objections", "order_id",  # tables and columns of examples
    "lake_owner", "lake_tags",  # parameters of tables in the catalog
    "compaction", "retention", "orphan_file_deletion",  # what Glue does for tables
    "env", "keep", "least", "since",  # variables of examples
    "gs_derived", "push_down_predicate", "try_cast",  # Glue's, in scripts that are imported, and Spark's
}  # fmt: skip
GLUE_OPTIONS = {"--JOB_NAME", "--run_id", "--run_time", "--steps"}


def properties(schema: Any) -> Iterator[str]:
    """The keys, and the words, that a JSON schema knows."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (value for value in (schema.get("const"), *schema.get("enum", [])) if isinstance(value, str))
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from properties(part)


def keys_of(value: Any) -> Iterator[str]:
    """The keys of all mappings in a document."""
    if isinstance(value, dict):
        yield from map(str, value)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_of(part)


def declared(kind: str, *folders: str) -> set[str]:
    """Names of variables, or of outputs."""
    files = [file for folder in folders for file in (ROOT / folder).glob("*.tf")]
    return {name for file in files for name in re.findall(rf'^{kind} "(\w+)"', file.read_text(), re.MULTILINE)}


def schema(name: str) -> set[str]:
    return set(properties(json.loads((ROOT / "build" / name).read_text(encoding="utf-8"))))


SETTINGS = declared("variable", "templates/root_module")
YAML_KEYS = schema("pipeline.schema.json")
WORDS = {
    *SETTINGS, *declared("output", "templates/root_module"), *YAML_KEYS, *schema("manifest.schema.json"),
    *properties(json.loads(certificate_schema())),
    *Reason, *EPOCHS,
    *keys_of(yaml.safe_load((ROOT / "pipeline.yaml").read_text(encoding="utf-8"))),
    *(query.stem for query in (ROOT / "build/athena").glob("*.sql")),
    *registry(),
    landing_column(()),
}  # fmt: skip
ARGUMENTS = {
    argument
    for file in (ROOT / "templates/terraform").glob("*.tf")
    for argument in re.findall(r'"(--[\w-]+)"', file.read_text(encoding="utf-8"))
}
OPTIONS = {
    *options_of(commands()),
    *(name for _, command in every_command() for name in options_of(command)),
    *ARGUMENTS,
    *GLUE_OPTIONS,
}


def unknown_names(text: str) -> list[str]:
    """What a page names and nothing has."""
    spans = SPAN.findall(FENCE.sub("", text))
    blocks = [block.replace("\\\n", " ") for kind, block in FENCE.findall(text) if kind in ("bash", "console", "sh")]
    lines = [*spans, *(line for block in blocks for line in block.splitlines())]
    ours = "\n".join(line for line in lines if OURS.match(line))
    found = [span for span in spans if (m := SETTING.fullmatch(span)) and m[1] not in SETTINGS | OF_OTHERS]
    found += [span for span in spans if (m := KEY.fullmatch(span)) and m[1] not in YAML_KEYS | OF_OTHERS]
    found += [span for span in spans if WORD.fullmatch(span) and span not in WORDS | OF_OTHERS]
    found += [option for option in OPTION.findall(ours) if option not in OPTIONS]
    return found + [name for name in VAR.findall("\n".join(lines)) if name not in SETTINGS | OF_OTHERS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_what_exists(page: Path) -> None:
    assert unknown_names(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "set `worker_type` in terraform.tfvars", "`worker_count = 3`", "with `blanks: false`", "`--no-such-option`",
        "```bash\npython -m generator deploy apply --var data_loss=true\n```",
        "```console\n$ python -m generator run --faster\n```",
    ],
)  # fmt: skip
def test_a_name_that_nothing_has_is_noticed(text: str) -> None:
    assert len(unknown_names(text)) == 1


@pytest.mark.parametrize(
    "text", ["`glue_version = \"6.0\"`", "`noncurrent_days`", "`keep_versions`", "`pii: true`", "`deploy --yes`"]
)  # fmt: skip
def test_a_name_that_exists_passes(text: str) -> None:
    assert unknown_names(text) == []
