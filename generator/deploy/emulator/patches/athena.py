"""Athena: queries are answered, named queries and workgroups change, go, and may not be there."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.athena.models import AthenaBackend, QueryResults
from moto.athena.responses import AthenaResponse
from moto.glue.models import glue_backends

from generator.deploy.emulator.iceberg import IcebergTables
from generator.deploy.emulator.mirror import Mirror
from generator.deploy.emulator.patches.replace import add, replace
from generator.deploy.emulator.queries import QueryFailed, Result, answer


def apply(mirror: Mirror, iceberg: IcebergTables) -> None:
    replace(AthenaBackend, "list_tags_for_resource", _empty_without_tags)
    replace(AthenaBackend, "start_query_execution", _executing(mirror, iceberg))
    replace(AthenaResponse, "get_query_execution", _with_reason)
    replace(AthenaResponse, "get_named_query", _missing("NamedQueryId", "named_queries", "NamedQuery {} was not found"))
    replace(AthenaResponse, "get_work_group", _missing("WorkGroup", "work_groups", "WorkGroup {} is not found."))
    add(AthenaResponse, delete_named_query, update_named_query, list_named_queries, update_work_group)


def delete_named_query(self: Any) -> str:
    self.athena_backend.named_queries.pop(self._get_param("NamedQueryId"), None)
    return "{}"


def update_named_query(self: Any) -> str:
    query = self.athena_backend.named_queries[self._get_param("NamedQueryId")]
    query.name, query.query_string = self._get_param("Name"), self._get_param("QueryString")
    query.description = self._get_param("Description")
    return "{}"


def list_named_queries(self: Any) -> str:
    """Of the asked workgroup; moto gives those of all."""
    workgroup = self._get_param("WorkGroup") or "primary"
    queries = self.athena_backend.named_queries.values()
    return json.dumps({"NamedQueryIds": [query.id for query in queries if query.workgroup.name == workgroup]})


def update_work_group(self: Any) -> str:
    group = self.athena_backend.work_groups[self._get_param("WorkGroup")]
    for name in ("Description", "State"):
        if self._get_param(name) is not None:
            setattr(group, name.lower(), self._get_param(name))
    changed = dict(self._get_param("ConfigurationUpdates") or {})
    results = dict(changed.pop("ResultConfigurationUpdates", {}))
    group.configuration = _updated(group.configuration, changed)
    group.configuration["ResultConfiguration"] = _updated(group.configuration.get("ResultConfiguration", {}), results)
    return "{}"


def _updated(configuration: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with changes, of which `RemoveX` takes X away."""
    removed = {name.removeprefix("Remove") for name, value in changes.items() if name.startswith("Remove") and value}
    given = {name: value for name, value in changes.items() if not name.startswith("Remove")}
    return {name: value for name, value in {**configuration, **given}.items() if name not in removed}


def _missing(parameter: str, kept: str, message: str) -> Any:
    """A call whose thing isn't there is a bad request; moto has no answer."""

    def make(call: Any) -> Any:
        def answer_call(self: Any) -> Any:
            identity = self._get_param(parameter)
            if identity not in getattr(self.athena_backend, kept):
                return self.error(message.format(identity), 400)
            return call(self)

        return answer_call

    return make


def _empty_without_tags(list_tags_for_resource: Any) -> Any:
    """A resource without tags has an empty list of them; moto takes it for missing."""
    return lambda self, arn: list_tags_for_resource(self, arn) or {"Tags": []}


def _executing(mirror: Mirror, iceberg: IcebergTables) -> Any:
    def make(start_query_execution: Any) -> Any:
        def start(self: Any, query: str, context: Any, config: Any, workgroup: str, execution_parameters: Any) -> str:
            identity = str(start_query_execution(self, query, context, config, workgroup, execution_parameters))
            execution = self.executions[identity]
            try:
                result = _answer(self, query, (context or {}).get("Database", "default"), mirror, iceberg)
            except QueryFailed as problem:
                execution.status = "FAILED"
                execution.reason = str(problem)
            except Exception as problem:  # told as Athena tells it, and the whole of it in the server's log
                traceback.print_exc()
                execution.status = "FAILED"
                execution.reason = f"GENERIC_INTERNAL_ERROR: {type(problem).__name__}: {problem}"
            else:
                self.query_results[identity] = _as_results(result)
            execution.end_time = datetime.now(UTC).timestamp()
            return identity

        return start

    return make


def _answer(backend: Any, query: str, database: str, mirror: Mirror, iceberg: IcebergTables) -> Result:
    glue = glue_backends[backend.account_id][backend.region_name]
    if database not in glue.databases:
        raise QueryFailed(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist")
    with mirror.lock:  # a job that commits meanwhile may delete the metadata that the catalog names now
        tables = {name: table.as_dict() for name, table in list(glue.databases[database].tables.items())}
        return answer(query, database, tables, mirror, iceberg)


def _as_results(result: Result) -> QueryResults:
    """The form of GetQueryResults: the first row holds the names."""
    names: tuple[str | None, ...] = tuple(name for name, _ in result.columns)
    rows = [
        {"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in (names, *result.rows)
    ]
    information = [
        {"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind}
        for name, kind in result.columns
    ]
    return QueryResults(rows=rows, column_info=information)


def _with_reason(get_query_execution: Any) -> Any:
    """A failed query says why."""

    def answer_call(self: Any) -> str:
        data = json.loads(get_query_execution(self))
        execution = self.athena_backend.executions[self._get_param("QueryExecutionId")]
        if hasattr(execution, "reason"):
            data["QueryExecution"]["Status"]["StateChangeReason"] = execution.reason
        return json.dumps(data)

    return answer_call
