"""Iceberg's REST catalog, as far as Spark needs it, over the tables of the embedded Glue.

On AWS the jobs' Spark asks Glue itself, by a client that needs AWS's own jars. Here the same catalog of the session is
this one: what is committed ends up in the embedded Glue and S3 as Glue's client would leave it.
"""

from __future__ import annotations

import json
from threading import Thread
from typing import Any

from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import TableRequirement, TableUpdate
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from generator.deploy.emulator.certificates import ADDRESS
from generator.deploy.emulator.iceberg import IcebergTables, NotIceberg
from generator.deploy.emulator.serving import new_server, port_of

_TABLE = "/v1/namespaces/<database>/tables/<name>"
_ROUTES = Map(
    [
        Rule("/v1/config", methods=["GET"], endpoint="config"),
        Rule("/v1/namespaces/<database>", methods=["GET"], endpoint="namespace"),
        Rule(_TABLE, methods=["GET"], endpoint="load"),
        Rule(_TABLE, methods=["POST"], endpoint="commit"),
    ]
)
_REQUIREMENTS: TypeAdapter[list[TableRequirement]] = TypeAdapter(list[TableRequirement])
_UPDATES: TypeAdapter[list[TableUpdate]] = TypeAdapter(list[TableUpdate])
_CONFLICT = "ConcurrentModificationException"


def serve(tables: IcebergTables) -> str:
    """Answers on a free port of the loopback address, as long as the process lives; returns the address."""
    server = new_server(Catalog(tables))
    Thread(target=server.serve, name="iceberg-catalog", daemon=True).start()
    return f"http://{ADDRESS}:{port_of(server)}"


class Catalog:
    """The WSGI application."""

    def __init__(self, tables: IcebergTables) -> None:
        self._tables = tables

    def __call__(self, environment: Any, start: Any) -> Any:
        request = Request(environment)
        try:
            endpoint, given = _ROUTES.bind_to_environ(environment).match()
            answer = getattr(self, endpoint)(request, **given)
        except NotIceberg as error:
            answer = _error(404, "NoSuchTableException", str(error))
        except CommitFailedException as error:
            answer = _error(409, "CommitFailedException", str(error))
        except ClientError as error:
            conflict = error.response["Error"]["Code"] == _CONFLICT
            answer = _error(409, "CommitFailedException", str(error)) if conflict else _error(500, "Glue", str(error))
        except HTTPException as error:
            answer = _error(error.code or 500, "UnsupportedOperationException", str(error))
        except (ValidationError, ValueError) as error:
            answer = _error(400, "BadRequestException", str(error))
        return answer(environment, start)

    def config(self, request: Request) -> Response:
        endpoints = [f"{verb} /v1/{{prefix}}/namespaces/{{namespace}}" for verb in ("GET",)]
        endpoints += [f"{verb} /v1/{{prefix}}/namespaces/{{namespace}}/tables/{{table}}" for verb in ("GET", "POST")]
        return _json({"defaults": {}, "overrides": {}, "endpoints": endpoints})

    def namespace(self, request: Request, database: str) -> Response:
        return _json({"namespace": [database], "properties": {}})

    def load(self, request: Request, database: str, name: str) -> Response:
        return _table(*self._tables.load(database, name))

    def commit(self, request: Request, database: str, name: str) -> Response:
        body = request.get_json()
        requirements = _REQUIREMENTS.validate_python(body.get("requirements", []))
        updates = _UPDATES.validate_python(body.get("updates", []))
        return _table(*self._tables.commit(database, name, requirements, updates))


def _table(location: str, metadata: TableMetadata) -> Response:
    return Response(
        f'{{"metadata-location": {json.dumps(location)}, "metadata": {metadata.model_dump_json()}, "config": {{}}}}',
        mimetype="application/json",
    )


def _error(code: int, kind: str, message: str) -> Response:
    return _json({"error": {"message": message, "type": kind, "code": code}}, code)


def _json(data: Any, code: int = 200) -> Response:
    return Response(json.dumps(data), code, mimetype="application/json")
