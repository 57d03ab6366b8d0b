"""`partition_by`, `sort_by` and `file_size`: what they become, where in the file they are wrong, and the way out."""

from __future__ import annotations

import pytest

from generator.codes import example_text
from generator.diagnostics import SourceText
from generator.plan.compile import Analysis, analyse
from generator.render.jobs.layout import statement
from generator.render.jobs.reads import source_call

SPEC = """
sources:
  events:
    path: events/
    {key}: {value}
    columns:
      id: bigint
      at: timestamp
      ms: bigint
      day: date
      region: string
      amount: double
      tags: array<string>
      email: {{type: string, pii: true}}
      born: {{type: date, pii: true}}
"""


def analysed(key: str, value: str) -> Analysis:
    return analyse(SourceText("pipeline.yaml", example_text(SPEC.format(key=key, value=value).lstrip("\n"))))


def test_terms_are_spelled_in_one_way() -> None:
    found = analysed("partition_by", '[Day( at ), "bucket(16,email)", "truncate(4,region)"]').lake
    assert found is not None
    layout = found.sources["events"].layout
    assert layout.partition_by == ("day(at)", "bucket(16, email)", "truncate(4, region)")
    for value, order in (("[region, at DESC]", ("region", "at desc")), ("at asc", ("at",))):
        found = analysed("sort_by", value).lake
        assert found is not None and found.sources["events"].layout.sort_by == order
    found = analysed("file_size", "1 GB").lake
    assert found is not None and found.sources["events"].layout.file_size == 1 << 30
    call = statement(source_call(found, found.sources["events"]))
    assert "file_size=1024 << 20" in call and "partition_by" not in call


@pytest.mark.parametrize(
    ("key", "value", "code", "at", "message", "help"),
    [
        ("partition_by", "[region, day(att)]", "C001", "day(att)", "unknown column `att`", "did you mean `at`?"),
        ("partition_by", "[dya(at)]", "T016", "dya(at)", "unknown transform `dya`", "did you mean `day`?"),
        ("partition_by", "[day(ms)]", "T016", "day(ms)", "which is bigint", "timestamp_millis(ms)"),
        ("partition_by", "[day(region)]", "T016", "day(region)", "which is string", "make a date or timestamp"),
        ("partition_by", "[hour(day)]", "T016", "hour(day)", "which is date", "a date has no hours"),
        ("partition_by", "[day(at), hour(at)]", "T016", "hour(at)", "has two times", "leave the coarser one out"),
        ("partition_by", "[id, 'bucket(0, id)']", "T016", "'bucket(0", "`0` is no number", "bucket(16, id)"),
        ("partition_by", "[bucket(id)]", "T016", "bucket(id)", "takes a number", "bucket(16, id)"),
        ("partition_by", "[id, id]", "T016", "id]", "stands twice", "leave one out"),
        ("partition_by", "[amount]", "T016", "amount", "which is double", "exact, single values"),
        ("partition_by", "tags", "T016", "tags", "which is array<string>", "exact, single values"),
        ("partition_by", "[email]", "T016", "email", "is personal data", "bucket(16, email)"),
        ("partition_by", "['truncate(2, email)']", "T016", "'truncate", "is personal data", "bucket(16, email)"),
        ("partition_by", "[year(born)]", "T016", "year(born)", "is personal data", "bucket(16, born)"),
        ("partition_by", "[day(at]", "T016", "day(at", "is no partition", "day(column)"),
        ("partition_by", "[id, ms, day, at, region]", "T016", "partition_by", "5 parts", "sort_by"),
        ("sort_by", "[at, tags desc]", "T016", "tags desc", "has no order", "one value"),
        ("sort_by", "[att]", "C001", "att", "unknown column", "did you mean `at`?"),
        ("file_size", "1 MB", "T016", "1 MB", "don't pay", "32 MB to 1 GB"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    key: str, value: str, code: str, at: str, message: str, help: str
) -> None:
    analysis = analysed(key, value)
    (found,) = [one for one in analysis.diagnostics if one.code == code]
    assert found.span is not None and analysis.source.text[found.span.start :].startswith(at)
    assert found.span.start >= analysis.source.text.index(f"    {key}: ")
    assert message in found.message and help in " ".join(found.help)
    assert analysis.lake is None


def test_a_view_has_no_files() -> None:
    text = example_text("tables:\n  v:\n    view: true\n    source: orders\n    partition_by: [status]\n")
    (found,) = analyse(SourceText("pipeline.yaml", text)).diagnostics
    assert "put `partition_by` on the tables that read it" in found.message
