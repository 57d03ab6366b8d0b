"""Mutants of specs: edits that break a proof, with the finding and its place, and edits that must not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.diagnostics import SourceText

ROOT = Path(__file__).parents[2]
STEDI, SHOP, SINCE = "pipeline.yaml", "docs/examples/shop/pipeline.yaml", "pipeline.yaml, consent with since"


SMALL = """version: 1
lake: small
subjects: {customer: {registry: customers, keys: [id, sn]}}
consent: {c: {subject: customer, when: share is not null}}
zones: {asking: {require: c}, free: {}}
sources:
  customers:
    path: c/
    columns: {id: bigint, sn: bigint, share: bigint, other: bigint}
  calls:
    path: a/
    event_time: ts
    columns: {who: {type: bigint, identifies: customer.id}, ts: bigint, x: double}
  steps:
    path: s/
    columns: {sn: {type: bigint, identifies: customer.sn}, ts: bigint, y: double}
tables:
"""


@cache
def original(spec: str) -> str:
    if spec == SMALL:
        return SMALL
    return _since() if spec == SINCE else (ROOT / spec).read_text(encoding="utf-8")


def _since() -> str:
    """The reference, with a consent that counts only for data made after it."""
    text = original(STEDI)
    for old, new in (
        (WHEN, f"{WHEN}\n    since: sharewithresearchasofdate"),
        ("    path: accelerometer/", "    event_time: timestamp\n    path: accelerometer/"),
        ("    path: step_trainer/", "    event_time: sensorreadingtime\n    path: step_trainer/"),
        (READINGS, f"{READINGS} and timestamp >= sharewithresearchasofdate"),
        (STEPS, f"{STEPS} and sensorreadingtime >= sharewithresearchasofdate"),
    ):
        assert text.count(old) >= 1, f"{old!r} is not in {STEDI}"
        text = text.replace(old, new, 1)
    return text


@dataclass(frozen=True)
class Mutant:
    """An edit of a spec: `old` becomes `new`.

    Attributes:
        at: what the finding points at, inside `new` or else at its first place in the file.
        errors: the codes of all errors that the edit causes, each once a place.
    """

    name: str
    old: str
    new: str
    at: str = ""
    errors: tuple[str, ...] = ()
    spec: str = STEDI

    def text(self) -> str:
        assert original(self.spec).count(self.old) >= 1, f"{self.old!r} is not in {self.spec}"
        return original(self.spec).replace(self.old, self.new, 1)

    def source(self) -> SourceText:
        return SourceText(self.spec, self.text())

    def place(self) -> tuple[int, int]:
        """Line and column of `at`, counted from 1."""
        source = self.source()
        edited = original(self.spec).index(self.old)
        offset = source.text.find(self.at, edited, edited + len(self.new) + 1)
        return source.line_column(offset if offset >= 0 else source.text.index(self.at))


ASKED = "sharewithresearchasofdate is not null"
FILTER = f"source: customer_landing\n    filter: {ASKED}"
READINGS = "semi: customer_trusted\n        on: user = email"
CURATED = "source: customer_trusted\n    join:\n      - semi: accelerometer_trusted\n        on: email = user"
SERIAL = "step_trainer_landing.serialnumber = customers_curated.serialnumber"
STEPS = f"semi: customers_curated\n        on: {SERIAL}"
LEARN = "- semi: customers_curated\n        on: user = email\n      - inner"
MOMENT = "on: timestamp = sensorreadingtime"
USER = "user: {type: string, pii: true, identifies: customer.email}"
SERIALS = "{type: string, key: serialNumber, identifies: customer.serialnumber}"
WHEN = "when: sharewithresearchasofdate is not null"
ALL_COLUMNS = "customername, email, phone, birthday, serialnumber, registrationdate, lastupdatedate"


def filtered(name: str, condition: str, at: str = "", **more: str) -> Mutant:
    """The table that asks for the consent, with another condition."""
    return Mutant(name, FILTER, f"source: customer_landing\n    filter: {condition}", at, **more)  # type: ignore[arg-type]


def as_sql(name: str, query: str, at: str = "") -> Mutant:
    """The table that asks for the consent, as a query."""
    return Mutant(name, FILTER, f"sql: {query}", at)


def readings(name: str, join: str, at: str = "") -> Mutant:
    """The accelerometer's table, joined in another way."""
    return Mutant(name, READINGS, join, at)


def before(name: str, old: str, new: str, code: str = "G007", at: str = "accelerometer_trusted:") -> Mutant:
    """An edit of the spec whose consent has a `since`."""
    return Mutant(name, old, new, at, (code,), spec=SINCE)


def with_view(name: str, view: str, old: str, new: str, at: str, spec: str = STEDI) -> Mutant:
    """An edit, with a view put before the tables."""
    first = original(spec).index("tables:\n") + len("tables:\n")
    head = original(spec)[first:].split(old, 1)[0]
    return Mutant(name, f"{head}{old}", f"  v:\n    view: true\n{view}{head}{new}", at, spec=spec)


def small(name: str, table: str, at: str = "", **edits: str) -> Mutant:
    """A table `t` over small sources, of which some `PARTS` are replaced."""
    text = SMALL
    for old, new in edits.items():
        assert text.count(PARTS[old]) == 1, old
        text = text.replace(PARTS[old], new)
    text += "".join(f"  {line}\n" for line in table.strip().splitlines())
    return Mutant(name, SMALL, text, at or "t:\n", spec=SMALL)


PARTS = {
    "caller": "who: {type: bigint, identifies: customer.id}",
    "registry": "path: c/",
    "other": "other: bigint",
    "time": "ts: bigint, x: double",
}


GROUPED = """
  grouped:
    view: true
    source: calls
    join: [{left: customers, on: who = id}]
    group_by: [id]
    aggregate: {n: count(*)}
"""


def mixed(join: str) -> str:
    """A spec with a table that joins the customers with something."""
    table = f"t:\n  zone: free\n  source: customers\n  join:\n    - {join}\n"
    return SMALL + "".join(f"  {line}\n" for line in table.splitlines()) + GROUPED
