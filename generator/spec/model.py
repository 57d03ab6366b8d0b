"""The spec: what a `pipeline.yaml` may say, as typed and frozen models.

Names are checked here, meanings in `generator.plan`. Descriptions end up in the JSON Schema for editors and in the
reference, so each field has one. Source: the section "The spec" of the design.
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from generator.runtime.csv_lines import encoding_problem, options_problem
from generator.runtime.options import ReadOptions

Name = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$", max_length=255)]
"""What Glue and Athena can store: lower-case letters, digits and underscores."""

ColumnRef = Annotated[
    str,
    StringConstraints(pattern=r"^\s*([A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*\s*$"),
    BeforeValidator(lambda value: value.replace("`", "") if isinstance(value, str) else value),
]
"""A column, or `alias.column`."""

OrderTerm = Annotated[str, StringConstraints(pattern=r"(?i)^\s*([a-z_]\w*\.)?[a-z_]\w*(\s+(asc|desc))?\s*$")]


def _scalar_text(value: Any) -> Any:
    """YAML reads `1`, `1.50` and `true` as numbers and booleans; as expressions they are text again."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return value


Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./:@-]*$", max_length=128)]
"""A word without spaces and commas."""

Expression = Annotated[
    str,
    BeforeValidator(_scalar_text),
    StringConstraints(min_length=1),
    Field(json_schema_extra={"x-kind": "expression"}),
]
"""A Spark SQL expression."""

Literal_ = str | int | Decimal | bool
"""A constant in an expectation."""

PiiPolicy = Literal["allow", "pseudonymous", "forbid"]
JOIN_KINDS = ("inner", "left", "full", "semi", "anti")
MAX_MINUTES = 7 * 24 * 60
EXPECTATION_KINDS = ("not_null", "unique", "values", "between", "matches", "references", "rows", "sql")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_items(value: Any) -> Any:
    """One thing, or its main part alone, instead of a list of them."""
    items = value if isinstance(value, list) else [value]
    return [{"column": _scalar_text(item)} if isinstance(item, (str, int)) else item for item in items]


def _exactly_one(model: BaseModel, keys: tuple[str, ...], names: tuple[str, ...] | None = None) -> None:
    given = [key for key in keys if getattr(model, key) is not None]
    if len(given) != 1:
        shown = ", ".join(f"`{name}`" for name in (names or keys))
        raise ValueError(f"write exactly one of {shown}")


class Model(BaseModel):
    # Built once, as parts of `Spec`, when that is first asked for.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


def _variable(value: Any) -> Any:
    return value if isinstance(value, dict) else {"default": value}


class Variable(Model):
    """A value that is filled into the spec where `${name}` stands."""

    type: Literal["string", "int", "bigint", "decimal", "double", "boolean", "date", "timestamp"] | None = None
    """What it is; as the default is written, unless it is said."""
    default: Literal_ | None = None
    """Its value where `--var name=value` gives no other; without it, one has to be given."""
    description: str | None = None
    """What it is for."""


VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]


class Subject(Model):
    """A kind of person that the data is about."""

    registry: Name
    """The source that has each person's own record."""
    keys: Annotated[list[Expression], Field(min_length=1), BeforeValidator(_as_list)]
    """Columns of the registry, each value of which is one person, or a form of a column in which all spellings are
    one: `lower(trim(email))` is the key `email`. Checked on every run."""


class Consent(Model):
    """A purpose that people agreed to."""

    subject: Name
    """Whose consent it is."""
    registry: Name | None = None
    """The table or source with what each person said last; the subject's registry unless it is given."""
    when: Expression
    """A condition on the registry's columns that holds for the people who agreed."""
    since: Name | None = None
    """The registry's column with the moment of consent: only data from then on may be used."""


class Zone(Model):
    """A part of the lake with rules of its own."""

    description: str | None = None
    """What the zone is for."""
    require: Name | None = None
    """The consent that every row of every table in this zone must be proven to have."""
    pii: PiiPolicy = "allow"
    """Which personal data may be here: all of it, none that names somebody directly, or none at all."""


def _column(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


def _as_words(value: Any) -> Any:
    """A text or a list of texts; YAML's own words would lose their spelling, so they stand in quotes."""
    words = value if isinstance(value, list) else [value]
    if any(word is None or isinstance(word, bool) for word in words):
        raise ValueError("put words that YAML reads itself in quotes: 'NULL', 'TRUE', ''")
    return [_scalar_text(word) for word in words]


Words = Annotated[list[str], BeforeValidator(_as_words)]
"""Texts of raw data."""

Separator = Annotated[str, StringConstraints(pattern=r"^[^0-9eE+\-\r\n\x00]$")]
"""A character in a number that is none of a plain number's."""


class SourceColumn(Model):
    """A column of the landing data."""

    type: str
    """Glue type: string, bigint, int, double, decimal(10,2), boolean, date, timestamp, array<…>, struct<a:int>…"""
    key: str | None = Field(default=None, min_length=1)
    """How the raw data spells it, when that isn't the column's own name."""
    pii: bool = False
    """Directly personal. The label follows the values into every column derived from them."""
    identifies: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$")] | None = None
    """The value is this key of a person, such as customer.email."""
    description: str | None = None
    """Becomes the column's comment in the catalog."""
    format: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)
    """Of dates and timestamps: patterns such as dd.MM.yyyy, or epoch_seconds, epoch_millis…; the first that fits."""
    decimal: Separator | None = None
    """Of numbers: the character before the fraction."""
    thousands: Separator | None = None
    """Of numbers: the character between groups of three digits."""
    null: Words = Field(default_factory=list)
    """Texts that stand for null, such as NA; an empty field of csv always does."""
    true: Words = Field(default_factory=list)
    """Of booleans: the words for true."""
    false: Words = Field(default_factory=list)
    """Of booleans: the words for false."""
    trim: bool = False
    """Whether white space around a value doesn't count."""


def _inside(value: str) -> str:
    if value.startswith("/") or ".." in value.split("/") or "://" in value or "\0" in value:
        raise ValueError("a path is relative to the landing folder, and stays inside it")
    return value


def _apart(paths: list[str]) -> list[str]:
    parts = [tuple(part for part in path.split("/") if part not in ("", ".")) for path in paths]
    for one, around in enumerate(parts):
        for other, inside in enumerate(parts):
            if one != other and inside[: len(around)] == around:
                raise ValueError(f"{paths[other]} is in {paths[one]}: its files would be read twice")
    return paths


Path = Annotated[str, Field(min_length=1), AfterValidator(_inside)]
_ONE: dict[str, Any] = {"minLength": 1, "maxLength": 1}
_AT_MOST_ONE: dict[str, Any] = {"maxLength": 1}


def _character(value: str) -> str:
    if len(value) != 1:
        raise ValueError("this has to be one character")
    return value


def _character_or_none(value: str) -> str:
    return _character(value) if value else value


def _encoding(value: str) -> str:
    if problem := encoding_problem(value):
        raise ValueError(problem)
    return value


class Source(Model):
    """Raw data as it lands."""

    description: str | None = None
    """Becomes the table's comment in the catalog."""
    tags: Annotated[list[Tag], BeforeValidator(_as_list)] = Field(default_factory=list)
    """Words to find it by, such as `nightly`: for `--select tag:nightly`, the catalog, the manifest and the site."""
    owner: str | None = Field(default=None, min_length=1)
    """Who looks after it: a team, or an address."""
    zone: Name = "landing"
    """The zone that the raw table belongs to."""
    path: Annotated[list[Path], Field(min_length=1), BeforeValidator(_as_list), AfterValidator(_apart)]
    """Folder of the raw files, relative to the landing bucket or the data folder; or a list of several."""
    format: Literal["json", "csv", "parquet"] = "json"
    """json is one object a line unless `multiline` says otherwise; csv has a header line unless `header` does."""
    delimiter: Annotated[str, AfterValidator(_character), Field(json_schema_extra=_ONE)] = ","
    """Of csv: the character between two fields."""
    header: bool = True
    """Of csv: false where files begin with data; fields then come in the order of the columns."""
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    """Of csv: how characters are written as bytes: utf-8, latin-1, windows-1252, utf-16, or another name of Python."""
    quote: Annotated[str, AfterValidator(_character_or_none), Field(json_schema_extra=_AT_MOST_ONE)] = '"'
    """Of csv: the character around fields that hold delimiters or line breaks; "" where quotes are text."""
    escape: Annotated[str, AfterValidator(_character_or_none), Field(json_schema_extra=_AT_MOST_ONE)] = ""
    """Of csv: the character before a quote that belongs to the field, often a backslash; two quotes always do."""
    skip_lines: int = Field(default=0, ge=0)
    """Of csv: how many lines each file has above its header, or above its data where it has none."""
    comment: str = ""
    """Of csv: what lines begin with that aren't data, such as #."""
    null_padding: bool = False
    """Of csv: true where fields that a line lacks at its end are null; such lines are quarantined otherwise."""
    multiline: bool = False
    """Of json: true where an object isn't a line: documents of several lines, arrays, objects one behind the other."""
    records: Annotated[str, StringConstraints(pattern=r"^[^.\s]+(\.[^.\s]+)*$")] | None = None
    """Of json: the keys that lead from a document to its records, such as data.items; implies `multiline`."""
    on_new_key: Literal["ignore", "quarantine", "fail"] = "ignore"
    """Records with keys that no column declares: rows without them, told in the report; quarantined; or a failure."""
    columns: dict[Name, Annotated[SourceColumn, BeforeValidator(_column)]] = Field(min_length=1)
    """The declared columns; what becomes of other keys in the raw data says `on_new_key`."""
    partitions: dict[Name, Annotated[SourceColumn, BeforeValidator(_column)]] = Field(default_factory=dict)
    """More columns, whose values are in the names of folders, such as region=eu/; `key` where a folder spells it so."""
    unique: list[Annotated[list[Name], BeforeValidator(_as_list)]] = Field(default_factory=list)
    """Columns, or groups of columns, that no two rows share."""
    subject: Literal["none"] | Annotated[list[Name], BeforeValidator(_as_list)] | None = None
    """none: this data is about no person. Or the kinds of people whose data it holds, and no others."""
    event_time: Name | None = None
    """The column that says when the data was made, for consents with `since`."""
    max_bad_rows: (
        Annotated[int, Field(ge=0)] | Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?\s*%$")] | None
    ) = None
    """More quarantined lines than this, a count or a share, fail the source; 5% if it isn't said."""
    keep_versions: int | None = Field(default=None, ge=1)
    """How many versions of its rows are kept, when not as many as the lake's `keep_versions`."""
    partition_by: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)
    """What the deployed table's files are told apart by: columns, `day(at)` (year, month, hour), `bucket(16, id)`."""
    sort_by: Annotated[list[OrderTerm], BeforeValidator(_as_list)] = Field(default_factory=list)
    """What rows are sorted by in each file of the deployed table: columns, or `column desc`."""
    file_size: Annotated[str, StringConstraints(pattern=r"^\d+ ?(MB|GB)$")] | None = None
    """How large the deployed table's files get, from 32 MB to 1 GB; 256 MB unless it is said."""
    workers: Annotated[Workers, BeforeValidator(_workers)] | None = None
    """What its own job runs on: a number, or `{type: G.2X, count: 10}`; short for `workers` in `jobs`."""

    @model_validator(mode="after")
    def _shape(self) -> Self:
        csv = ("delimiter", "header", "encoding", "quote", "escape", "skip_lines", "comment", "null_padding")
        of = {**dict.fromkeys(csv, "csv"), "multiline": "json", "records": "json"}
        for option in self.model_fields_set & of.keys():
            if self.format != of[option]:
                raise ValueError(f"`{option}` is of {of[option]}, and this source is {self.format}")
        if twice := self.columns.keys() & self.partitions.keys():
            raise ValueError(f"`{min(twice)}` is both a column and a partition: one of them needs another name")
        if self.format == "csv" and (problem := options_problem(self.options)):
            raise ValueError(problem)
        return self

    @property
    def options(self) -> ReadOptions:
        """How the files are laid out, as readers take it."""
        given = {option.name: getattr(self, option.name) for option in fields(ReadOptions)}
        return ReadOptions(**{**given, "records": self.records or "", "partitions": tuple(self.partitions)})

    @property
    def every_column(self) -> dict[str, SourceColumn]:
        """The columns of its rows, those of folders last."""
        return {**self.columns, **self.partitions}

    def place(self, column: str) -> str:
        """The key that declares a column."""
        return "partitions" if column in self.partitions else "columns"


class Workers(Model):
    """The machines that a job gets on Glue, when not those of the Terraform variable `workers`."""

    type: Literal["G.1X", "G.2X", "G.4X", "G.8X"] | None = None
    """How large each is."""
    count: int | None = Field(default=None, ge=2)
    """How many there are; the driver is one of them."""


def _workers(value: Any) -> Any:
    return {"count": value} if isinstance(value, int) and not isinstance(value, bool) else value


def _minutes(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= MAX_MINUTES:
        raise ValueError(f"a job's timeout is between 1 minute and 7 days ({MAX_MINUTES} minutes): {value} isn't")
    return value


class Job(Model):
    """A Glue job: steps that are made in one, or the settings of the own job of the source or table called so."""

    description: str | None = None
    """What the job is for."""
    steps: Annotated[list[str], Field(min_length=1), BeforeValidator(_as_list)] | None = None
    """The sources and tables that it makes, each in the words of `--select`: `orders`, `stg_*`, `zone:trusted`, …"""
    exclude: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)
    """What of the `steps` it doesn't make, in the same words: that keeps a job of its own, or belongs to another."""
    workers: Annotated[Workers, BeforeValidator(_workers)] | None = None
    """What it runs on: a number, or `{type: G.2X, count: 10}`; what isn't said is as Terraform's `workers` say."""
    timeout: Annotated[int, BeforeValidator(_minutes)] | None = Field(
        default=None, json_schema_extra={"minimum": 1, "maximum": MAX_MINUTES}
    )
    """Minutes after which it is stopped, when not as Terraform's `timeout_minutes` say."""
    execution_class: Literal["standard", "flex"] | None = None
    """flex: it waits for spare capacity and costs a third less. Terraform's `execution_class` if it isn't said."""

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if self.exclude and self.steps is None:
            raise ValueError("`exclude` takes away from `steps`, and there are none")
        return self


class Unnest(Model):
    """Makes a row of each element of an array, or of each entry of a map. All other columns are repeated."""

    column: Expression
    """The array or map: a column, a field such as `cart.items`, or an expression such as `split(tags, ',')`."""
    as_: Annotated[list[Name], Field(min_length=1, max_length=2), BeforeValidator(_as_list)] | None = Field(
        default=None, alias="as"
    )
    """Name of the element, or `[key, value]` of a map. Without it, an element takes the place of its array."""
    position: Name | None = None
    """A column with the element's place in its array, counted from 0."""
    outer: bool = False
    """true: a row whose array is empty or null is kept, with null for the element and its position."""


class Join(Model):
    """Rows of another table, matched."""

    inner: Name | None = None
    """Keep rows that have a match, with the match's columns."""
    left: Name | None = None
    """Keep every row, with the match's columns or nulls."""
    full: Name | None = None
    """Keep every row of both sides, with the other side's columns or nulls."""
    semi: Name | None = None
    """Keep rows that have a match, once, without the match's columns."""
    anti: Name | None = None
    """Keep rows that have no match."""
    as_: Name | None = Field(default=None, alias="as")
    """Another name for the joined table in expressions."""
    on: Expression | None = None
    """The condition."""
    using: Annotated[list[Name], Field(min_length=1), BeforeValidator(_as_list)] | None = None
    """Columns of the same name on both sides that must be equal; one of each pair stays, whichever isn't null."""
    cardinality: Literal["one_to_one", "one_to_many", "many_to_one", "many_to_many"] | None = None
    """How many rows of each side may match. Undeclared many-to-many joins are warned about."""
    mixes_subjects: str | None = Field(default=None, min_length=1)
    """Why a row may hold the data of two different people."""

    @model_validator(mode="after")
    def _shape(self) -> Self:
        _exactly_one(self, JOIN_KINDS)
        _exactly_one(self, ("on", "using"))
        return self

    @property
    def kind(self) -> str:
        return next(kind for kind in JOIN_KINDS if getattr(self, kind) is not None)

    @property
    def table(self) -> str:
        name: str = getattr(self, self.kind)
        return name


Refresh = Literal["auto", "incremental", "full"]


class Values(Model):
    """Rows that stand in the spec, such as names of levels: a thousand at most, and nobody's data."""

    columns: dict[Name, str] = Field(min_length=1)
    """The columns and their types."""
    rows: list[list[Any] | dict[str, Any]]
    """The rows: lists in the order of the columns, or mappings by column, in which what is left out is null."""


class Dedupe(Model):
    """Keeps one row of each group of rows."""

    by: Annotated[list[ColumnRef], Field(min_length=1), BeforeValidator(_as_list)] | None = None
    """The columns that make two rows duplicates; without it, all of them."""
    order_by: Annotated[list[OrderTerm], BeforeValidator(_as_list)] = Field(default_factory=list)
    """Which row is kept: the first in this order, such as `updated_at desc`. The other columns break ties."""


class Between(Model):
    """Inclusive bounds; either may be left out."""

    min: int | Decimal | str | None = None
    max: int | Decimal | str | None = None


def _bounds(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 2:
        return {"min": value[0], "max": value[1]}
    return value


class RowBounds(Model):
    """Inclusive bounds of a row count."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)


def _row_bounds(value: Any) -> Any:
    return {"min": value, "max": value} if isinstance(value, int) and not isinstance(value, bool) else value


class Expectation(Model):
    """What must hold for the rows of a table before they are published; of a view, before a table that reads it is."""

    not_null: Annotated[list[Name], Field(min_length=1), BeforeValidator(_as_list)] | None = None
    """These columns have no nulls."""
    unique: Annotated[list[Name], Field(min_length=1), BeforeValidator(_as_list)] | None = None
    """No two rows share these columns' values."""
    values: dict[Name, list[Literal_]] | None = None
    """The column has only these values, or null."""
    between: dict[Name, Annotated[Between, BeforeValidator(_bounds)]] | None = None
    """The column lies within these bounds, or is null: `[min, max]` or `{min: …}`."""
    matches: dict[Name, str] | None = None
    """The whole text of the column matches this regular expression, or is null."""
    references: dict[Name, Annotated[str, StringConstraints(pattern=r"^[a-z_]\w*\.[a-z_]\w*$")]] | None = None
    """Each value of the column, unless null, is found in `table.column`; checked once both tables are made."""
    rows: Annotated[RowBounds, BeforeValidator(_row_bounds)] | None = None
    """How many rows there are: a number, or `{min: …, max: …}`."""
    sql: Expression | None = None
    """A condition on the columns that is true for every row; null counts as false."""
    name: str | None = None
    """What the report calls it."""
    severity: Literal["error", "warn"] = "error"
    """error keeps the table that checks it from being published; warn only says so."""

    @model_validator(mode="after")
    def _shape(self) -> Self:
        _exactly_one(self, EXPECTATION_KINDS)
        return self

    @property
    def kind(self) -> str:
        return next(kind for kind in EXPECTATION_KINDS if getattr(self, kind) is not None)


def _select(value: Any) -> Any:
    """`[a, {b: upper(a)}]` and `{a: a, b: upper(a)}` say the same; the model holds a list of single pairs."""
    if isinstance(value, dict):
        return [{name: expression} for name, expression in value.items()]
    if isinstance(value, list):
        return [{item.split(".")[-1].strip(" `"): item} if isinstance(item, str) else item for item in value]
    return value


_OWN_KEYS = ("as_", "unnest", "join", "filter", "add", "qualify", "dedupe", "group_by", "aggregate")
"""The keys that a query stands instead of, besides those that choose columns."""


class Table(Model):
    """A table of the lake. Its keys apply in the order in which they stand here, whatever their order in the file."""

    description: str | None = None
    """Becomes the table's comment in the catalog."""
    tags: Annotated[list[Tag], BeforeValidator(_as_list)] = Field(default_factory=list)
    """Words to find it by, such as `nightly`: for `--select tag:nightly`, the catalog, the manifest and the site."""
    owner: str | None = Field(default=None, min_length=1)
    """Who looks after it: a team, or an address."""
    zone: Name | None = None
    """The zone that the table belongs to; a view needs none."""
    view: bool = False
    """true: exists in the plan only, nothing is written."""
    source: Name | None = None
    """The table or source that the rows come from."""
    union: list[Name] | None = Field(default=None, min_length=1)
    """Tables or sources with the same columns, whose rows are put together."""
    values: Values | None = None
    """Rows that stand here, instead of those of a source: `{columns: {code: int, name: string}, rows: [[1, low]]}`."""
    sql: str | None = Field(default=None, min_length=1)
    """A Spark SQL query, instead of the other keys, for what they can't say."""
    as_: Name | None = Field(default=None, alias="as")
    """Another name for the source in expressions."""
    unnest: Annotated[list[Unnest], Field(min_length=1), BeforeValidator(_as_items)] | None = None
    """Makes a row of each element of an array or map: the column alone, or what else there is to say; or several."""
    join: list[Join] = Field(default_factory=list)
    """Other tables, matched one after the other."""
    filter: Expression | None = None
    """Keeps the rows for which this is true."""
    add: dict[Name, Expression] = Field(default_factory=dict)
    """Computed columns; each may use those above it."""
    qualify: Expression | None = None
    """Keeps the rows for which this is true, by windows: `row_number() over (partition by … order by …) <= 3`."""
    dedupe: Dedupe | None = None
    """Keeps one row of each group of duplicates."""
    group_by: Annotated[list[ColumnRef], BeforeValidator(_as_list)] = Field(default_factory=list)
    """The columns to aggregate by."""
    aggregate: dict[Name, Expression] = Field(default_factory=dict)
    """Aggregated columns, such as `orders: count(*)`."""
    select: Annotated[list[dict[Name, Expression]], BeforeValidator(_select)] | None = Field(default=None, min_length=1)
    """The columns that come out, in this order: names, or `name: expression`."""
    drop: Annotated[list[ColumnRef], BeforeValidator(_as_list)] = Field(default_factory=list)
    """Columns that don't come out."""
    rename: dict[ColumnRef, Name] = Field(default_factory=dict)
    """Columns that come out under another name: `old: new`."""
    declassify: dict[Name, str] = Field(default_factory=dict)
    """Columns that are personal by the rules but not in fact, each with the reason."""
    pii: PiiPolicy | None = None
    """A stricter or looser policy than the zone's."""
    expect: list[Expectation] = Field(default_factory=list)
    """Checked on what was written, before it is published; of a view, by each table that reads it."""
    keep_versions: int | None = Field(default=None, ge=1)
    """How many versions are kept, when not as many as the lake's `keep_versions`."""
    partition_by: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)
    """What the deployed table's files are told apart by: columns, `day(at)` (year, month, hour), `bucket(16, id)`."""
    sort_by: Annotated[list[OrderTerm], BeforeValidator(_as_list)] = Field(default_factory=list)
    """What rows are sorted by in each file of the deployed table: columns, or `column desc`."""
    file_size: Annotated[str, StringConstraints(pattern=r"^\d+ ?(MB|GB)$")] | None = None
    """How large the deployed table's files get, from 32 MB to 1 GB; 256 MB unless it is said."""
    workers: Annotated[Workers, BeforeValidator(_workers)] | None = None
    """What its own job runs on: a number, or `{type: G.2X, count: 10}`; short for `workers` in `jobs`."""
    refresh: Refresh = "auto"
    """What a run makes again when inputs changed: what they affect (auto, incremental), or always all of it (full)."""

    @model_validator(mode="after")
    def _shape(self) -> Self:
        _exactly_one(self, ("source", "union", "values", "sql"))
        if self.sql is not None:
            for key in (*_OWN_KEYS, "select", "drop", "rename"):
                if getattr(self, key):
                    raise ValueError(
                        f"`sql` stands instead of the other keys: `{key.rstrip('_')}` belongs into the query"
                    )
        if self.view and self.workers is not None:
            raise ValueError("a view is not written, and has no job: put `workers` on the tables that read it")
        for key in ("partition_by", "sort_by", "file_size"):
            if self.view and getattr(self, key):
                raise ValueError(f"a view is not stored: put `{key}` on the tables that read it")
        if self.view and self.refresh != "auto":
            raise ValueError("a view is not written: put `refresh` on the tables that read it")
        if not self.view and self.zone is None:
            raise ValueError("a table needs a `zone` (or `view: true`)")
        if self.select and (self.drop or self.rename):
            raise ValueError("`select` already says which columns come out: `drop` and `rename` don't go with it")
        if self.group_by and not self.aggregate:
            raise ValueError("`group_by` needs `aggregate` (to keep one row of each group, write `dedupe`)")
        return self


Rows = list[dict[str, Any]]
"""Rows by column. Their values are looked at where the types are known, in `generator.plan.row_tests`."""


class RowTest(Model):
    """A lake of a few rows, and what has to come out of it. What isn't given is empty, if it is a source, or computed
    from what is. No data is read and nothing is written.
    """

    description: str | None = None
    """What the test shows."""
    now: str | None = None
    """What the time is: `current_timestamp`, and the day of `current_date`; a date or a timestamp, in UTC."""
    given: dict[Name, Rows] = Field(default_factory=dict)
    """Rows of sources, tables or views, by column; columns that a row leaves out are null."""
    expect: dict[Name, Rows] = Field(default_factory=dict)
    """All rows of tables or views, in any order; what a row leaves out isn't compared."""
    breaks: dict[Name, list[str]] = Field(default_factory=dict)
    """The checks of tables, as reports name them, that the rows break: these and no others."""

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if not self.expect and not self.breaks:
            raise ValueError("a test expects something: write `expect`, or `breaks` for checks that must notice")
        return self


class Spec(Model):
    """A lake."""

    version: Literal[1]
    """Version of this format."""
    lake: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
    """Name of the lake; buckets, databases and jobs are named after it."""
    description: str | None = None
    """What the lake is for."""
    include: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)
    """More files with sections of this spec, such as `tables/*.yaml`: paths from this file's folder."""
    variables: dict[VariableName, Annotated[Variable, BeforeValidator(_variable)]] = Field(default_factory=dict)
    """Values that differ from one environment to the next: `name: value`, used as `${name}`."""
    subjects: dict[Name, Subject] = Field(default_factory=dict)
    """The people the data is about."""
    consent: dict[Name, Consent] = Field(default_factory=dict)
    """What people may have agreed to."""
    zones: dict[Name, Zone] = Field(default_factory=dict)
    """The parts of the lake and their rules."""
    sources: dict[Name, Source] = Field(min_length=1)
    """The raw data."""
    tables: dict[Name, Table] = Field(default_factory=dict)
    """The tables made of it."""
    jobs: dict[Name, Job] = Field(default_factory=dict)
    """The Glue jobs that aren't as by default: each source and each table has one of its own, called like it."""
    tests: dict[str, RowTest] = Field(default_factory=dict)
    """What `test` runs: rows in, rows out. They may stand in files of their own as well: `tests/*.yaml`."""
    row_counts: dict[Name, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """How many rows the reference data must give."""
    keep_versions: int = Field(default=3, ge=1)
    """How many versions of each table are kept for a rollback; older ones are deleted."""
