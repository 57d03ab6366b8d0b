"""Athena: queries are answered, named queries change and go, a workgroup may have no tags."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from moto.athena.models import AthenaBackend, QueryResults
from moto.athena.responses import AthenaResponse
from moto.glue.models import glue_backends

from generator.deploy.emulator.mirror import Mirror
from generator.deploy.emulator.patches.replace import add, replace
from generator.deploy.emulator.queries import QueryFailed, Result, answer


def apply(mirror: Mirror) -> None:
    replace(AthenaBackend, "list_tags_for_resource", _empty_without_tags)
    replace(AthenaBackend, "start_query_execution", _executing(mirror))
    replace(AthenaResponse, "get_query_execution", _with_reason)
    add(AthenaResponse, delete_named_query, update_named_query, list_named_queries)


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


def _empty_without_tags(list_tags_for_resource: Any) -> Any:
    """A resource without tags has an empty list of them; moto takes it for missing."""
    return lambda self, arn: list_tags_for_resource(self, arn) or {"Tags": []}


def _executing(mirror: Mirror) -> Any:
    def make(start_query_execution: Any) -> Any:
        def start(self: Any, query: str, context: Any, config: Any, workgroup: str, execution_parameters: Any) -> str:
            identity = str(start_query_execution(self, query, context, config, workgroup, execution_parameters))
            execution = self.executions[identity]
            try:
                result = _answer(self, query, (context or {}).get("Database", "default"), mirror)
            except QueryFailed as problem:
                execution.status = "FAILED"
                execution.reason = str(problem)
            else:
                self.query_results[identity] = _as_results(result)
            execution.end_time = datetime.now(UTC).timestamp()
            return identity

        return start

    return make


def _answer(backend: Any, query: str, database: str, mirror: Mirror) -> Result:
    glue = glue_backends[backend.account_id][backend.region_name]
    if database not in glue.databases:
        raise QueryFailed(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist")
    tables = {name: table.as_dict() for name, table in glue.databases[database].tables.items()}
    return answer(query, database, tables, mirror)


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
