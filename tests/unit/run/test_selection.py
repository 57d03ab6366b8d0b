"""What `--select` and `--exclude` choose: the words, what comes with them, and what they can't mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.run.build_program import build_program
from generator.run.program import Program
from generator.run.selection import SelectionError, chosen

SPEC = SourceText(
    "shop.yaml",
    "version: 1\nlake: shop\ninclude: [sources/*.yaml, tables/**/*.yaml]\n"
    "zones: {landing: {}, staging: {}, marts: {}}\n",
    included=tuple(
        SourceText(name, text, name=name)
        for name, text in {
            "sources/shop.yaml": """sources:
  customers: {path: c/, columns: {id: bigint}, tags: [crm]}
  orders: {path: o/, columns: {id: bigint, customer: bigint}, tags: [nightly]}
""",
            "tables/staging.yaml": """tables:
  stg_customers: {zone: staging, source: customers, tags: [crm, nightly]}
  stg_orders: {zone: staging, source: orders, tags: nightly}
""",
            "tables/marts/orders.yaml": """tables:
  of_customers: {view: true, source: stg_orders, join: [{semi: stg_customers, on: customer = stg_customers.id}]}
  per_customer: {zone: marts, source: of_customers, group_by: customer, aggregate: {n: count(*)}}
  all_orders: {zone: marts, source: stg_orders, tags: slow/very}
""",
        }.items()
    ),
    patterns=(("sources/*.yaml", ("a",)), ("tables/**/*.yaml", ("b",))),
)
ALL = "customers orders stg_customers stg_orders of_customers per_customer all_orders"
OF_STAGING = "customers orders stg_customers stg_orders"
CUSTOMERS = "customers stg_customers"


@pytest.fixture(scope="module")
def program() -> Program:
    analysis = check_spec(SPEC)
    assert analysis.lake is not None, analysis.diagnostics
    return build_program(analysis.lake)


def names(program: Program, select: str, exclude: str = "") -> str:
    return " ".join(sorted(chosen(program, select.split(), exclude.split()).names()))


CASES = [
    ("", "", ALL),
    ("stg_customers", "", CUSTOMERS),
    ("+stg_customers", "", CUSTOMERS),
    ("stg_customers stg_orders", "", OF_STAGING),
    ("stg_*", "", OF_STAGING),
    ("stg_customers+", "", ALL.replace(" all_orders", "")),
    ("all_orders+", "", "orders stg_orders all_orders"),
    ("+stg_customers+", "", ALL.replace(" all_orders", "")),
    ("per_customer", "", ALL.replace(" all_orders", "")),
    ("zone:staging", "", OF_STAGING),
    ("zone:landing", "", "customers orders"),
    ("zone:landing+", "", ALL),
    ("zone:*t*,stg_o*", "", "orders stg_orders"),
    ("path:tables/staging.yaml", "", OF_STAGING),
    ("path:./tables/staging.yaml", "", OF_STAGING),
    ("path:tables", "", ALL),
    ("path:tables/", "", ALL),
    ("path:sources/", "", "customers orders"),
    ("path:**/staging.yaml", "", OF_STAGING),
    ("path:tables/*.yaml", "", OF_STAGING),
    ("tag:crm", "", CUSTOMERS),
    ("tag:slow/very", "", "orders stg_orders all_orders"),
    ("tag:crm,zone:staging", "", CUSTOMERS),
    ("", "all_orders", ALL.replace(" all_orders", "")),
    ("", "stg_customers", "orders stg_orders all_orders customers"),
    ("", "tag:crm", "orders stg_orders all_orders"),
    ("", "orders", CUSTOMERS),
    ("", "zone:marts", f"{OF_STAGING} of_customers"),
    ("zone:marts", "per_customer", "orders stg_orders all_orders"),
    ("orders+", "of_customers", "orders stg_orders all_orders"),
]


@pytest.mark.parametrize(("select", "exclude", "found"), CASES, ids=[f"{one[0]}/{one[1]}" for one in CASES])
def test_words(select: str, exclude: str, found: str, program: Program) -> None:
    assert names(program, select, exclude) == " ".join(sorted(found.split()))
    assert chosen(program, select.split(), exclude.split()).stored == program.stored


@pytest.mark.parametrize(
    ("select", "exclude", "message"),
    [
        ("stg_customer", "", "--select: there is no table `stg_customer` in the lake; did you mean `stg_customers`?"),
        ("x_*", "", "--select: there is no table `x_*` in the lake"),
        ("zone:stagin", "", "--select: nothing in the lake is in zone:stagin; did you mean `staging`?"),
        ("tag:cmr", "", "--select: nothing in the lake is in tag:cmr; did you mean `crm`?"),
        ("path:tables/stagin.yaml", "", "did you mean `tables/staging.yaml`?"),
        ("owner:me", "", "--select: `owner:` is none of `zone:`, `path:`, `tag:`"),
        ("tag:", "", "--select: nothing in the lake is in tag:"),
        ("+", "", "--select: there is no table `` in the lake"),
        ("tag:crm,zone:marts", "", "--select: nothing is in all of tag:crm, zone:marts"),
        ("", "stg_customer", "--exclude: there is no table `stg_customer` in the lake"),
        ("per_customer", "orders", "--exclude leaves nothing of what is selected: `per_customer` needs `orders`"),
        ("orders", "orders", "--exclude leaves nothing of what is selected"),
    ],
)
def test_words_that_choose_nothing(select: str, exclude: str, message: str, program: Program) -> None:
    with pytest.raises(SelectionError) as error:
        names(program, select, exclude)
    assert message in str(error.value)


def test_a_lake_without_tags_says_so(program: Program) -> None:
    bare = replace(program, tables=tuple(replace(one, tags=()) for one in program.tables), sources=())
    with pytest.raises(SelectionError, match="nothing in this lake has a tag"):
        names(bare, "tag:x")
