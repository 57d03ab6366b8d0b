"""Random people, consents and raw rows: the ground on which a lake of the fuzz is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from tests.proofs.algebra import Expr, Row, Value, value

TEXTS, NUMBERS = ("a", "A", "b", "B", "c", "d"), tuple(range(1, 7))
DANGLING: dict[str, Value] = {"str": "zz", "int": 99}
SPARK_TYPES = {"str": "string", "int": "bigint"}


class Known(NamedTuple):
    """What the maker of a lake knows of a column.

    Attributes:
        kind: `str` or `int`.
        role: what it was called in the raw data, those of a registry with its subject; empty once it is computed.
        key: the subject and key that its values are.
        renamed: its values are raw personal values, so that renaming people renames them.
        tainted: its values depend on personal ones.
    """

    kind: str
    role: str = ""
    key: tuple[str, str] | None = None
    renamed: bool = False
    tainted: bool = False


@dataclass(frozen=True)
class Subject:
    """A kind of person, with the consent that is asked of them."""

    name: str
    registry: str
    keys: tuple[str, ...]
    when: Expr
    since: str | None


@dataclass
class Ground:
    """Sources and people.

    Attributes:
        columns: by source and name.
        mentions: the columns of each source whose values are somebody: (column, subject, key).
        declared: what the spec says of each source besides its columns.
    """

    subjects: list[Subject] = field(default_factory=list)
    columns: dict[str, dict[str, Known]] = field(default_factory=dict)
    mentions: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    declared: dict[str, dict[str, Any]] = field(default_factory=dict)
    raw: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    tagged: set[tuple[str, str]] = field(default_factory=set)

    def registry_of(self, subject: str) -> Subject:
        return next(one for one in self.subjects if one.name == subject)

    def rows(self, renaming: dict[Value, Value] | None = None) -> dict[str, list[Row]]:
        """The raw rows, each made of itself; personal values renamed."""
        return {
            source: [
                Row(self._renamed(source, values, renaming or {}), frozenset({(source, index)}))
                for index, values in enumerate(rows)
            ]
            for source, rows in self.raw.items()
        }

    def _renamed(self, source: str, values: dict[str, Value], renaming: dict[Value, Value]) -> dict[str, Value]:
        columns = self.columns[source]
        return {name: renaming.get(known, known) if columns[name].renamed else known for name, known in values.items()}

    def renaming(self, random: Random) -> dict[Value, Value]:
        """Other names for all people's values, one to one."""
        texts, numbers = [*TEXTS, DANGLING["str"]], [*NUMBERS, DANGLING["int"]]
        shuffled = random.sample(texts, len(texts)) + random.sample(numbers, len(numbers))
        return dict(zip([*texts, *numbers], shuffled, strict=True))

    def spec(self) -> dict[str, Any]:
        """The parts of the spec that say all this."""
        from tests.proofs.wording import condition

        return {
            "version": 1,
            "lake": "fuzz",
            "subjects": {one.name: {"registry": one.registry, "keys": list(one.keys)} for one in self.subjects},
            "consent": {
                f"consent_{one.name}": {"subject": one.name, "when": condition(one.when).replace("r.", "")}
                | ({"since": one.since} if one.since else {})
                for one in self.subjects
            },
            "zones": {"free": {}, **{f"zone_{one.name}": {"require": f"consent_{one.name}"} for one in self.subjects}},
            "sources": {
                source: {"path": f"{source}/", "columns": self._column_specs(source), **self.declared[source]}
                for source in self.columns
            },
        }

    def _column_specs(self, source: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for name, known in self.columns[source].items():
            found[name] = {"type": SPARK_TYPES[known.kind]}
            if (source, name) in self.tagged:
                found[name]["pii"] = True
        for column, subject, key in self.mentions[source]:
            if not (self.registry_of(subject).registry == source and column == key):
                found[column]["identifies"] = f"{subject}.{key}"
        return found


def make_ground(random: Random) -> Ground:
    ground = Ground()
    for number in range(random.choice((1, 1, 1, 2))):
        _registry(ground, random, f"s{number}")
    for number in range(random.choice((1, 2, 2, 3))):
        _source(ground, random, f"src{number}")
    return ground


def _registry(ground: Ground, random: Random, subject: str) -> None:
    name = f"reg_{subject}"
    keys = ("k1", "k2") if random.random() < 0.7 else (random.choice(("k1", "k2")),)
    columns = {
        "k1": Known("str", "k1", (subject, "k1") if "k1" in keys else None),
        "k2": Known("int", "k2", (subject, "k2") if "k2" in keys else None),
        "phone": Known("str", "phone"), "share": Known("int", f"{subject}.share"),
        "share2": Known("int", f"{subject}.share2"), "n": Known("int", "n"),
    }  # fmt: skip
    since = "share" if random.random() < 0.3 else None
    ground.subjects.append(Subject(subject, name, keys, _consent(random), since))
    ground.mentions[name] = [(key, subject, key) for key in keys]
    if random.random() < 0.5:
        columns["buddy"] = Known("str" if "k1" in keys else "int", "buddy", (subject, keys[0]))
        ground.mentions[name].append(("buddy", subject, keys[0]))
    size = random.randint(4, 6)
    unique: dict[str, list[Any]] = {"k1": random.sample(TEXTS, size), "k2": random.sample(NUMBERS, size)}
    ground.declared[name] = {"event_time": random.choice(("share", "n"))} if random.random() < 0.3 else {}
    ground.raw[name] = [
        {
            column: unique[column][index] if column in unique else _value(random, known, column == "buddy")
            for column, known in columns.items()
        }
        for index in range(size)
    ]
    _describe(ground, random, name, columns)


def _consent(random: Random) -> Expr:
    share, other = ("col", "r", "share"), ("col", "r", "share2")
    asked: Expr = ("not", ("isnull", share))
    return random.choice(
        (
            asked, asked, asked, ("gt", share, ("lit", 2)), ("and", asked, ("isnull", other)), ("isnull", other),
            ("or", ("eq", share, ("lit", 1)), ("gt", other, ("lit", 2))), ("and", asked, ("ge", share, other)),
        )
    )  # fmt: skip


def _source(ground: Ground, random: Random, name: str) -> None:
    subject = random.choice(ground.subjects)
    columns = {"rid": Known("int", "rid"), "ts": Known("int", "ts"), "a": Known("int", "a"), "b": Known("str", "b")}
    ground.mentions[name] = []
    for column, chance in (("u", 0.9), ("w", 0.2)):
        if random.random() < chance:
            key = random.choice(subject.keys)
            columns[column] = Known("str" if key == "k1" else "int", column, (subject.name, key))
            ground.mentions[name].append((column, subject.name, key))
    ground.declared[name] = {"event_time": "ts"} if random.random() < 0.7 else {}
    if not ground.mentions[name] and random.random() < 0.5:
        ground.declared[name]["subject"] = "none"
    ground.raw[name] = [
        {column: index if column == "rid" else _value(random, known, known.key is not None)
         for column, known in columns.items()}
        for index in range(random.randint(4, 8))
    ]  # fmt: skip
    ground.declared[name]["unique"] = [["rid"], *_unique(ground.raw[name], random)]
    _describe(ground, random, name, columns)


def _unique(rows: list[dict[str, Value]], random: Random) -> list[list[str]]:
    """Groups of columns of which no two rows happen to share the values."""
    columns = random.sample([name for name in rows[0] if name != "rid"], 2)
    return [columns] if len({tuple(row[name] for name in columns) for row in rows}) == len(rows) else []


def _describe(ground: Ground, random: Random, name: str, columns: dict[str, Known]) -> None:
    """Tags columns as personal; keys are personal without that."""
    for column, known in columns.items():
        likely = 0.6 if known.key else 0.9 if column == "phone" else 0.2 if column == "b" else 0.0
        if random.random() < likely:
            ground.tagged.add((name, column))
        if known.key or (name, column) in ground.tagged:
            columns[column] = known._replace(renamed=True, tainted=True)
    ground.columns[name] = columns


def _value(random: Random, known: Known, personal: bool) -> Value:
    if random.random() < (0.1 if personal else 0.25):
        return None
    if personal:
        pool: tuple[Value, ...] = TEXTS if known.kind == "str" else NUMBERS
        return random.choice((*pool, DANGLING[known.kind]))
    return random.choice(TEXTS[:3]) if known.kind == "str" else random.randint(0, 4)


def consented(ground: Ground, subject: Subject, row: dict[str, Value]) -> bool:
    """Whether the person of a registry's row agreed."""
    return value(subject.when, {("r", name): known for name, known in row.items()}) is True
