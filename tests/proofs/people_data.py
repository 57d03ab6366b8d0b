"""Random people, consents and raw rows: the ground on which a lake of the fuzz is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from tests.proofs.algebra import Row
from tests.proofs.values import Expr, Value, value

TEXTS = ("a", "A", "b", "B", "c", "d")
DANGLING: dict[str, Value] = {"str": "zz", "int": 99, "dec": Decimal(99)}
SPARK_TYPES = {
    "str": "string", "int": "bigint", "small": "int", "dbl": "double", "dec": "decimal(20,2)",
    "rec": "struct<mail: string, n: bigint>", "list": "array<string>",
}  # fmt: skip
NESTED = ("rec", "list")
BEYOND = 2**53
"""From here on doubles don't tell whole numbers apart."""


class Known(NamedTuple):
    """What the maker of a lake knows of a column.

    Attributes:
        kind: one of `SPARK_TYPES`.
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
    """A kind of person. The roles of its registry's columns begin with `owner`: two kinds may share one."""

    name: str
    registry: str
    keys: tuple[str, ...]
    owner: str


@dataclass(frozen=True)
class Asked:
    """A consent that is asked of a kind of person.

    Attributes:
        registry: the table that says what each person agreed to, made of this `source` by `column`, which is their
            `key`; empty where the subject's registry says it.
    """

    name: str
    subject: Subject
    when: Expr
    since: str | None
    registry: str = ""
    source: str = ""
    column: str = ""
    key: str = ""

    @property
    def owner(self) -> str:
        """With what the roles of the columns begin that the consent is about."""
        return self.registry or self.subject.owner


@dataclass
class Ground:
    """Sources and people.

    Attributes:
        base: what all whole numbers are above.
        columns: by source and name.
        mentions: the columns of each source whose values are somebody: (column, subject, key).
        declared: what the spec says of each source besides its columns.
        spelled: the keys of subjects that are the same whether they are written in capitals or not.
    """

    base: int = 0
    subjects: list[Subject] = field(default_factory=list)
    consents: list[Asked] = field(default_factory=list)
    columns: dict[str, dict[str, Known]] = field(default_factory=dict)
    mentions: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    declared: dict[str, dict[str, Any]] = field(default_factory=dict)
    raw: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    tagged: set[tuple[str, str]] = field(default_factory=set)
    spelled: set[tuple[str, str]] = field(default_factory=set)

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(self.base + number for number in range(1, 7))

    def registry_of(self, subject: str) -> Subject:
        return next(one for one in self.subjects if one.name == subject)

    def normal(self, subject: str, key: str, known: Value) -> Value:
        """A key as it is the same for all its spellings."""
        return known.lower() if (subject, key) in self.spelled and isinstance(known, str) else known

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
        return {name: _other(known, renaming) if columns[name].renamed else known for name, known in values.items()}

    def renaming(self, random: Random) -> dict[Value, Value]:
        """Other names for all people's values, one to one."""
        texts, numbers = [*TEXTS, DANGLING["str"]], [*self.numbers, DANGLING["int"]]
        shuffled = random.sample(texts, len(texts)) + random.sample(numbers, len(numbers))
        return dict(zip([*texts, *numbers], shuffled, strict=True))

    def spec(self) -> dict[str, Any]:
        """The parts of the spec that say all this."""
        from tests.proofs.wording import condition

        return {
            "version": 1,
            "lake": "fuzz",
            "subjects": {
                one.name: {
                    "registry": one.registry,
                    "keys": [f"lower({key})" if (one.name, key) in self.spelled else key for key in one.keys],
                }
                for one in self.subjects
            },
            "consent": {
                one.name: {"subject": one.subject.name, "when": condition(one.when).replace("r.", "")}
                | ({"since": one.since} if one.since else {})
                | ({"registry": one.registry} if one.registry else {})
                for one in self.consents
            },
            "zones": {"free": {}, **{f"zone_{one.name}": {"require": one.name} for one in self.consents}},
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


def _other(known: Value, renaming: dict[Value, Value]) -> Value:
    if isinstance(known, tuple):
        return tuple(_other(part, renaming) for part in known)
    other = renaming.get(known, known)
    return Decimal(str(other)) if isinstance(known, Decimal) else other


def make_ground(random: Random) -> Ground:
    ground = Ground(BEYOND if random.random() < 0.25 else 0)
    for number in range(random.choice((1, 1, 2, 2))):
        if number and len(ground.subjects[0].keys) > 1 and random.random() < 0.3:
            _second_kind(ground, f"s{number}")
        else:
            _registry(ground, random, f"s{number}")
    for subject in ground.subjects:
        for letter in "ab"[: random.choice((1, 1, 2))]:
            since = "share" if random.random() < 0.3 else None
            columns = ground.columns[subject.registry]
            ground.consents.append(Asked(f"{subject.name}{letter}", subject, _consent(ground, random, columns), since))
    for number in range(random.choice((1, 2, 2, 3))):
        _source(ground, random, f"src{number}")
    for source in ground.mentions:
        if source not in {one.registry for one in ground.subjects} and random.random() < 0.2:
            _log(ground, random, source)
    return ground


def _log(ground: Ground, random: Random, source: str) -> None:
    """A source as a log of what people agreed to: a table has one row for each."""
    for column, subject, key in ground.mentions[source][:1]:
        if (subject, key) in ground.spelled:
            continue
        known: Expr = ("col", "r", "m1")
        when = random.choice((("gt", known, ("lit", ground.base + 1)), ("not", ("isnull", known))))
        name = f"now_{source}"
        ground.consents.append(Asked(name + "c", ground.registry_of(subject), when, None, name, source, column, key))


def _second_kind(ground: Ground, name: str) -> None:
    """Another kind of person with the same registry: the first one's second key is theirs."""
    first = ground.subjects[0]
    ground.subjects = [Subject(first.name, first.registry, ("k1",), first.owner)]
    ground.subjects.append(Subject(name, first.registry, ("k2",), first.owner))
    ground.mentions[first.registry] = [
        (column, name if key == "k2" else subject, key) for column, subject, key in ground.mentions[first.registry]
    ]
    columns = ground.columns[first.registry]
    for column, subject, key in ground.mentions[first.registry]:
        columns[column] = columns[column]._replace(key=(subject, key))


def _registry(ground: Ground, random: Random, subject: str) -> None:
    name = f"reg_{subject}"
    keys = ("k1", "k2") if random.random() < 0.7 else (random.choice(("k1", "k2")),)
    columns = {
        "k1": Known("str", "k1", (subject, "k1") if "k1" in keys else None),
        "k2": Known("int", "k2", (subject, "k2") if "k2" in keys else None),
        "phone": Known("str", "phone"), "share": Known("int", f"{subject}.share"),
        "share2": Known("int", f"{subject}.share2"), "n": Known("int", "n"),
    }  # fmt: skip
    ground.mentions[name] = [(key, subject, key) for key in keys]
    if random.random() < 0.5:
        columns["buddy"] = Known("str" if "k1" in keys else "int", f"{subject}.buddy", (subject, keys[0]))
        ground.mentions[name].append(("buddy", subject, keys[0]))
    for other in ground.subjects[:1] if random.random() < 0.5 else ():
        columns["boss"] = Known("str" if other.keys[0] == "k1" else "int", "boss", (other.name, other.keys[0]))
        ground.mentions[name].append(("boss", other.name, other.keys[0]))
    if random.random() < 0.3:
        columns["purposes"] = Known("list", f"{subject}.purposes")
    _extras(columns, random)
    ground.subjects.append(Subject(subject, name, keys, subject))
    size = random.randint(4, 6)
    unique: dict[str, list[Any]] = {"k1": random.sample(TEXTS, size), "k2": random.sample(ground.numbers, size)}
    if "k1" in keys and random.random() < 0.3:
        ground.spelled.add((subject, "k1"))
        unique["k1"] = [random.choice((one, one.upper())) for one in random.sample("abcd", 4)]
        size = 4
    ground.declared[name] = {"event_time": random.choice(("share", "n"))} if random.random() < 0.3 else {}
    ground.raw[name] = [
        {
            column: unique[column][index] if column in unique else _value(ground, random, known)
            for column, known in columns.items()
        }
        for index in range(size)
    ]
    _describe(ground, random, name, columns)


def _extras(columns: dict[str, Known], random: Random) -> None:
    for name, kind, chance in (("info", "rec", 0.4), ("tags", "list", 0.15), ("d", "dbl", 0.15), ("e", "dec", 0.15)):
        if random.random() < chance:
            columns[name] = Known(kind, name)


def _consent(ground: Ground, random: Random, columns: dict[str, Known]) -> Expr:
    share, other = ("col", "r", "share"), ("col", "r", "share2")
    one, two = ("lit", ground.base + 1), ("lit", ground.base + 2)
    asked: Expr = ("not", ("isnull", share))
    if "purposes" in columns and random.random() < 0.5:
        return ("has", ("col", "r", "purposes"), ("lit", "a"))
    if "buddy" in columns and random.random() < 0.2:
        return ("not", ("isnull", ("col", "r", "buddy")))
    return random.choice(
        (
            asked, asked, asked, ("gt", share, two), ("and", asked, ("isnull", other)), ("isnull", other),
            ("or", ("eq", share, one), ("gt", other, two)), ("and", asked, ("ge", share, other)),
            ("or", ("isnull", other), ("ge", other, share)), ("not", ("gt", share, two)),
        )
    )  # fmt: skip


def _source(ground: Ground, random: Random, name: str) -> None:
    columns = {
        "rid": Known("int", "rid"), "ts": Known("dbl" if random.random() < 0.1 else "int", "ts"),
        "a": Known("int", "a"), "b": Known("str", "b"),
    }  # fmt: skip
    ground.mentions[name] = []
    first = random.choice(ground.subjects)
    for column, chance, subject in (("u", 0.9, first), ("w", 0.25, random.choice((first, *ground.subjects)))):
        if random.random() < chance:
            key = random.choice(subject.keys)
            kind = "str" if key == "k1" else "dec" if random.random() < 0.1 else "int"
            columns[column] = Known(kind, column, (subject.name, key))
            ground.mentions[name].append((column, subject.name, key))
    _extras(columns, random)
    ground.declared[name] = {"event_time": "ts"} if random.random() < 0.7 else {}
    named = {subject for _, subject, _ in ground.mentions[name]}
    if not named and random.random() < 0.5:
        ground.declared[name]["subject"] = "none"
    elif named and random.random() < 0.8:
        ground.declared[name]["subject"] = sorted(named)
    ground.raw[name] = [
        {column: index if column == "rid" else _value(ground, random, known) for column, known in columns.items()}
        for index in range(random.randint(4, 8))
    ]
    ground.declared[name]["unique"] = [["rid"], *_unique(ground.raw[name], columns, random)]
    _describe(ground, random, name, columns)


def _unique(rows: list[dict[str, Value]], columns: dict[str, Known], random: Random) -> list[list[str]]:
    """Groups of columns of which no two rows happen to share the values."""
    pool = [name for name, known in columns.items() if name != "rid" and known.kind not in (*NESTED, "dbl")]
    chosen = random.sample(pool, 2)
    return [chosen] if len({tuple(row[name] for name in chosen) for row in rows}) == len(rows) else []


def _describe(ground: Ground, random: Random, name: str, columns: dict[str, Known]) -> None:
    """Tags columns as personal; keys are personal without that."""
    chances = {"phone": 0.9, "b": 0.2, "info": 0.7, "tags": 0.3}
    for column, known in columns.items():
        if random.random() < (0.6 if known.key else chances.get(column, 0.0)):
            ground.tagged.add((name, column))
        if known.key or (name, column) in ground.tagged:
            columns[column] = known._replace(renamed=True, tainted=True)
    ground.columns[name] = columns


def _value(ground: Ground, random: Random, known: Known) -> Value:
    if random.random() < (0.1 if known.key else 0.25):
        return None
    if known.key:
        pool: tuple[Value, ...] = TEXTS if known.kind == "str" else ground.numbers
        found = random.choice((*pool, DANGLING[known.kind]))
        return Decimal(str(found)) if known.kind == "dec" else found
    number = ground.base + random.randint(0, 4)
    made: dict[str, Value] = {
        "str": random.choice(TEXTS[:3]), "int": number, "dbl": float(number), "dec": Decimal(number) + Decimal("0.5"),
        "rec": (random.choice((*TEXTS[:3], None)), random.choice((number, None))),
        "list": tuple(sorted(random.sample(TEXTS, random.randint(0, 3)))),
    }  # fmt: skip
    return made[known.kind]


def consented(asked: Asked, row: dict[str, Value]) -> bool:
    """Whether the person of a registry's row agreed."""
    return value(asked.when, {("r", name): known for name, known in row.items()}) is True
