"""JSON Schema of the spec for editors: draft-07, which yaml-language-server reads.

Made from the models of `generator.spec.model`, with what types alone don't say: exactly one of several keys, and the
names that this lake has, so that an editor completes tables, zones and types.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic.json_schema import GenerateJsonSchema

from generator.plan.lake import CompiledLake
from generator.plan.relation import Relation
from generator.plan.types import PRIMITIVES
from generator.render.json_text import json_text
from generator.spec.compose import OF_THE_SPEC
from generator.spec.descriptions import descriptions
from generator.spec.model import EXPECTATION_KINDS, JOIN_KINDS, Spec

_MENTION = r"^\$\{\s*[A-Za-z_]\w*\s*\}$"
_NESTED = r"^(decimal(\(\d+(,\s*\d+)?\))?|array<.+>|map<.+>|struct<.+>)$"


class Schemas(NamedTuple):
    """The texts of the schemas.

    Attributes:
        spec, included: for editing this lake's spec, and a file that it includes.
        tests: for files of its tests.
    """

    spec: str
    included: str
    tests: str


def render_schemas(lake: CompiledLake) -> Schemas:
    """The schemas for editing what this lake is made of."""
    schema = _schema(lake)
    return Schemas(_text(_of_spec(schema)), _text(_of_included(schema)), _text(_of_tests(schema, lake)))


def _of_spec(schema: dict[str, Any]) -> dict[str, Any]:
    required = [key for key in schema["required"] if key != "sources"]
    return {**schema, "required": required, "anyOf": [{"required": [key]} for key in ("sources", "include")]}


def _of_included(schema: dict[str, Any]) -> dict[str, Any]:
    sections = {key: value for key, value in schema["properties"].items() if key not in OF_THE_SPEC}
    description = "A file that the spec of a lake includes."
    return {**schema, "description": description, "properties": sections, "required": []}


def _of_tests(schema: dict[str, Any], lake: CompiledLake) -> dict[str, Any]:
    used = {"RowTest", *(_rows_of(name) for name in (*lake.sources, *lake.tables))}
    return {
        "type": "object",
        "description": "Tests of a lake: rows in, rows out.",
        "additionalProperties": False,
        "required": ["tests"],
        "properties": {
            "version": schema["properties"]["version"],
            "tests": {**schema["properties"]["tests"], "additionalProperties": _defined("RowTest")},
        },
        "definitions": {name: model for name, model in schema["definitions"].items() if name in used},
    }


def _text(schema: dict[str, Any]) -> str:
    return json_text({"$schema": "http://json-schema.org/draft-07/schema#", **schema})


@cache
def _of_the_models() -> str:
    """The schema that the models alone give, as JSON."""
    return json.dumps(_draft_07(Spec.model_json_schema(by_alias=True, schema_generator=_Generator)))


class _Generator(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        """Defaults are JSON already, or dropped as noise; the library would make a serializer for each."""
        return dft if dft is None or isinstance(dft, (bool, str, int)) else super().encode_default(dft)


def _schema(lake: CompiledLake) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_of_the_models())
    models = schema["definitions"]
    for name, fields in descriptions().items():
        target = schema if name == "Spec" else models.get(name)
        if target is not None:
            _describe(target, fields)
    _add_short_forms(models, schema["properties"])
    if lake.variables:
        _allow_variables(schema)
    _exactly_one(models["Join"], JOIN_KINDS)
    _exactly_one(models["Join"], ("on", "using"))
    _exactly_one(models["Expectation"], EXPECTATION_KINDS)
    _exactly_one(models["Table"], ("source", "union", "values", "sql"))
    _add_names(schema, lake)
    _add_columns(models, lake)
    return schema


def _draft_07(schema: dict[str, Any]) -> dict[str, Any]:
    """Pydantic writes draft 2020-12; of what it uses here, only the place of definitions and nulls differ."""
    text = json.dumps(schema).replace("#/$defs/", "#/definitions/")
    converted: dict[str, Any] = _simplified(json.loads(text))
    converted["definitions"] = converted.pop("$defs")
    return converted


def _simplified(part: Any) -> Any:
    """Drops titles, null defaults and the choice of null: a key without a value is best left out."""
    if isinstance(part, list):
        return [_simplified(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _simplified(value) for key, value in part.items() if key != "x-kind" and not _is_noise(key, value)}
    if "patternProperties" in kept:  # one pattern for all names: editors say more about this form
        ((pattern, value),) = kept.pop("patternProperties").items()
        kept |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
    choices = kept.get("anyOf")
    if choices is not None:
        choices = [choice for choice in choices if choice != {"type": "null"}]
        kept.pop("anyOf")
        kept = {**kept, **choices[0]} if len(choices) == 1 else {**kept, "anyOf": choices}
    return kept


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, {}, []))


def _describe(schema: dict[str, Any], fields: Mapping[str, str]) -> None:
    if fields[""]:
        schema["description"] = fields[""]
    for name, field in schema.get("properties", {}).items():
        if name in fields:
            if "$ref" in field:  # draft-07 ignores what stands beside a reference
                field["allOf"] = [{"$ref": field.pop("$ref")}]
            field["description"] = fields[name]


def _exactly_one(schema: dict[str, Any], keys: Iterable[str]) -> None:
    schema.setdefault("allOf", []).append({"oneOf": [{"required": [key]} for key in keys]})


def _add_short_forms(models: dict[str, Any], spec: dict[str, Any]) -> None:
    """The shorter ways of writing that validation accepts: one name for a list of one, a type for a column."""
    for schema in models.values():
        for name, field in schema.get("properties", {}).items():
            is_names = field.get("type") == "array" and field["items"].get("type") == "string"
            if is_names and name != "union":
                _also(field, field["items"])
    expression = {"type": ["string", "number", "boolean"]}
    table = models["Table"]["properties"]
    for field in (
        table["filter"],
        table["qualify"],
        models["Join"]["properties"]["on"],
        models["Expectation"]["properties"]["sql"],
    ):
        field.update(expression)
    for field in (table["add"], table["aggregate"]):
        field["additionalProperties"] = expression
    item = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": expression}]}
    table["select"] = {
        "description": table["select"]["description"],
        "anyOf": [{"type": "array", "items": item, "minItems": 1}, item["anyOf"][1]],
    }
    models["Unnest"]["properties"]["column"].update(expression)
    _also(table["unnest"], models["Table"]["properties"]["unnest"]["items"])
    table["unnest"]["anyOf"].append({"type": "string"})
    variables = spec["variables"]
    short = {"type": ["string", "number", "boolean"]}
    variables["additionalProperties"] = {"anyOf": [short, variables["additionalProperties"]]}
    columns = models["Source"]["properties"]["columns"]
    columns["additionalProperties"] = {"anyOf": [_type_schema(), columns["additionalProperties"]]}
    models["SourceColumn"]["properties"]["type"].update(_type_schema())
    models["Values"]["properties"]["columns"]["additionalProperties"] = _type_schema()
    unique = models["Source"]["properties"]["unique"]
    unique["items"] = {"anyOf": [unique["items"], {"type": "string"}]}
    for model in ("Source", "Table", "Job"):
        _also(models[model]["properties"]["workers"], {"type": "integer", "minimum": 2})
    expectation = models["Expectation"]["properties"]
    bounds = {"type": "array", "minItems": 2, "maxItems": 2}
    between = expectation["between"]
    between["additionalProperties"] = {"anyOf": [between["additionalProperties"], bounds]}
    _also(expectation["rows"], {"type": "integer", "minimum": 0})


def _allow_variables(part: Any) -> None:
    """Accepts `${name}` where a number, a truth or one of a few words is wanted."""
    if isinstance(part, list):
        for item in part:
            _allow_variables(item)
    elif isinstance(part, dict):
        for value in part.values():
            _allow_variables(value)
        if part.get("type") in ("integer", "boolean") or (part.get("type") == "string" and "enum" in part):
            _also(part, {"type": "string", "pattern": _MENTION})


def _also(field: dict[str, Any], other: dict[str, Any], *, first: bool = False) -> None:
    """Accepts another form beside the present one."""
    present = {key: field.pop(key) for key in list(field) if key != "description"}
    field["anyOf"] = [other, present] if first else [present, other]


def _type_schema() -> dict[str, Any]:
    return {"anyOf": [{"enum": list(PRIMITIVES)}, {"type": "string", "pattern": _NESTED}]}


def _add_names(schema: dict[str, Any], lake: CompiledLake) -> None:
    """Offers the names that the lake has; others stay possible, since the file is being edited."""
    spec = schema["definitions"]
    relations = [*lake.sources, *lake.tables]
    names = {
        "relations": relations, "sources": list(lake.sources), "consents": list(lake.consents),
        "zones": sorted({"landing", *lake.zones}),
    }  # fmt: skip
    for kind in JOIN_KINDS:
        _offer(spec["Join"]["properties"][kind], names, "relations")
    _offer(spec["Table"]["properties"]["source"], names, "relations")
    _offer(spec["Table"]["properties"]["union"]["items"], names, "relations")
    for model in ("Table", "Source"):
        _offer(spec[model]["properties"]["zone"], names, "zones")
    _offer(spec["Subject"]["properties"]["registry"], names, "sources")
    _offer(spec["Zone"]["properties"]["require"], names, "consents")
    spec |= {name: {"enum": known} for name, known in names.items() if known}
    counts = schema["properties"]["row_counts"]
    counts["properties"] = dict.fromkeys(relations, counts["additionalProperties"])


def _offer(field: dict[str, Any], names: Mapping[str, list[str]], kind: str) -> None:
    if names[kind]:
        _also(field, _defined(kind), first=True)


def _add_columns(models: dict[str, Any], lake: CompiledLake) -> None:
    """Offers the tables of a test, and the columns of their rows."""
    relations = [*lake.sources, *lake.tables]
    models |= {_rows_of(name): _rows(lake.relation(name)) for name in relations}
    test = models["RowTest"]["properties"]
    test["given"]["properties"] = {name: _defined(_rows_of(name)) for name in relations}
    test["expect"]["properties"] = {name: _defined(_rows_of(name)) for name in lake.tables}
    names = {name: [one.name for one in table.expectations] for name, table in lake.tables.items()}
    test["breaks"]["properties"] = {
        name: {"type": "array", "items": {"anyOf": [{"enum": known}, {"type": "string"}]}}
        for name, known in names.items()
        if known
    }


def _rows_of(relation: str) -> str:
    return f"rows_{relation}"


def _rows(relation: Relation) -> dict[str, Any]:
    columns = {column.name: {"description": str(column.type)} for column in relation.columns.values()}
    return {"type": "array", "items": {"type": "object", "properties": columns}}


def _defined(name: str) -> dict[str, str]:
    return {"$ref": f"#/definitions/{name}"}
