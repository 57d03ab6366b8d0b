"""The schema in an editor: a real yaml-language-server completes, checks and explains a spec by it."""

from __future__ import annotations

import json
import re
import selectors
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.render.schema import render_schemas

ROOT = Path(__file__).parents[2]
VERSION = "1.25.0"
STEDI = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")
TABLES = ["accelerometer_landing", "accelerometer_trusted", "customer_landing", "customer_trusted", "customers_curated",
          "machine_learning_curated", "step_trainer_landing", "step_trainer_trusted"]  # fmt: skip
CURSOR = "‸"


class Server:
    """A language server, spoken to over its standard streams."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.answers: dict[int, Any] = {}
        self.problems: dict[str, list[dict[str, Any]]] = {}
        self.opened: list[str] = []
        self.number = 0
        uri = folder.as_uri()
        folders = [{"uri": uri, "name": "lake"}]
        self.ask("initialize", processId=None, rootUri=uri, workspaceFolders=folders, capabilities=CAPABILITIES)
        self.tell("initialized")

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def tell(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        self.number += 1
        number = self.number
        self.send({"id": number, "method": method, "params": params})
        while number not in self.answers:
            self.receive()
        return self.answers[number]

    def receive(self) -> None:
        """Takes one message: an answer, what is wrong with a document, or a question, which gets nothing."""
        stream = self.process.stdout
        assert stream is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(stream, selectors.EVENT_READ)
            assert waiting.select(20), "the language server says nothing"
        length = 0
        while line := stream.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message = json.loads(self._read(length))
        if "id" in message and "method" in message:
            items = message["params"].get("items", []) if isinstance(message.get("params"), dict) else []
            self.send({"id": message["id"], "result": [SETTINGS.get(item.get("section")) for item in items] or None})
        elif "id" in message:
            assert "error" not in message, message
            self.answers[message["id"]] = message["result"]
        elif message["method"] == "textDocument/publishDiagnostics":
            self.problems[message["params"]["uri"]] = message["params"]["diagnostics"]

    def _read(self, length: int) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.read(length)

    def open(self, text: str) -> tuple[str, dict[str, int]]:
        """Opens a document; returns its address and where the cursor stands."""
        before = text.split(CURSOR)[0]
        uri = (self.folder / f"{len(self.opened)}.yaml").as_uri()
        self.opened.append(uri)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text.replace(CURSOR, "")}
        self.tell("textDocument/didOpen", textDocument=document)
        return uri, {"line": before.count("\n"), "character": len(before.rsplit("\n", 1)[-1])}

    def completions(self, text: str) -> list[str]:
        uri, position = self.open(text)
        found = self.ask("textDocument/completion", textDocument={"uri": uri}, position=position)
        items = found if isinstance(found, list) else found["items"]
        return sorted({item["label"] for item in items})

    def hover(self, text: str) -> str:
        uri, position = self.open(text)
        found = self.ask("textDocument/hover", textDocument={"uri": uri}, position=position)
        return str(found["contents"]["value"]) if found else ""

    def diagnostics(self, text: str) -> list[tuple[int, str]]:
        """Lines, counted from 1, and what is wrong there."""
        uri, _ = self.open(text)
        while uri not in self.problems:
            self.receive()
        return [(one["range"]["start"]["line"] + 1, one["message"]) for one in self.problems[uri]]


CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True, "workspaceFolders": True},
}
SETTINGS = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "hover": True, "completion": True}}


@pytest.fixture(scope="module")
def server_program(request: pytest.FixtureRequest, need: Callable[[object, str], None]) -> list[str]:
    """The command that starts the server; npm installs it once into pytest's cache."""
    need(shutil.which("node") and shutil.which("npm"), "Node.js and npm aren't installed")
    folder = request.config.cache.mkdir("yaml-language-server") / VERSION
    program = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not program.exists():
        new = Path(tempfile.mkdtemp(dir=folder.parent))  # other workers may install it, too
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(new)]
        done = subprocess.run(
            [*command, f"yaml-language-server@{VERSION}"], capture_output=True, text=True, timeout=600
        )
        need(done.returncode == 0, f"npm can't install yaml-language-server: {done.stderr[-300:]}")
        with suppress(OSError):
            new.rename(folder)
        shutil.rmtree(new, ignore_errors=True)
    return ["node", str(program), "--stdio"]


@pytest.fixture(scope="module")
def server(server_program: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose workspace is a lake after `build`."""
    folder = tmp_path_factory.mktemp("lake")
    lake = check_spec(SourceText("pipeline.yaml", STEDI)).lake
    assert lake is not None
    (folder / "build").mkdir()
    (folder / "build" / "pipeline.schema.json").write_text(render_schemas(lake).spec, encoding="utf-8")
    with subprocess.Popen(server_program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        server = Server(process, folder)
        yield server
        server.ask("shutdown")
        server.tell("exit")
        process.wait(timeout=20)


def with_line(line: str, after: str = "    zone: curated\n") -> str:
    """The spec with a line put where a table says what it is made of."""
    assert after in STEDI
    return STEDI.replace(after, f"{after}{line}\n", 1)


def test_a_spec_that_compiles_has_no_problems(server: Server) -> None:
    assert server.diagnostics(STEDI) == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (re.sub("source: customer_trusted", f"source: {CURSOR}", STEDI, count=1), TABLES),
        (STEDI.replace("semi: accelerometer_trusted", f"semi: {CURSOR}"), TABLES),
        (re.sub("zone: curated", f"zone: {CURSOR}", STEDI, count=1), ["curated", "landing", "trusted"]),
        (STEDI.replace("registry: customer_landing", f"registry: {CURSOR}"), TABLES[0:1] + TABLES[2:3] + TABLES[6:7]),
        (STEDI.replace("cardinality: many_to_many", f"cardinality: {CURSOR}"),
         ["many_to_many", "many_to_one", "one_to_many", "one_to_one"]),
        (STEDI.replace("pii: pseudonymous", f"pii: {CURSOR}"), ["allow", "forbid", "pseudonymous"]),
        (STEDI.replace("trusted: {require: research}", f"trusted: {{require: {CURSOR}}}"), ["research"]),
    ],
    ids=["source", "semi", "zone", "registry", "cardinality", "pii", "require"],
)  # fmt: skip
def test_values_are_offered(server: Server, text: str, offered: list[str]) -> None:
    assert server.completions(text) == offered


def test_types_are_offered(server: Server) -> None:
    found = server.completions(STEDI.replace("z: double", f"z: {CURSOR}"))
    assert {"bigint", "boolean", "date", "double", "int", "string", "timestamp"} <= set(found)


def test_keys_are_offered(server: Server) -> None:
    found = server.completions(with_line(f"    {CURSOR}"))
    assert {"filter", "dedupe", "group_by", "declassify"} <= set(found)
    assert not {"zone", "expect"} & set(found), "already there"
    assert "lakes" not in server.completions(f"{STEDI}\n{CURSOR}")
    assert "keep_versions" in server.completions(f"{STEDI}\n{CURSOR}")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("timestamp: bigint", "timestamp: bigit", "bigit|Value is not accepted"),
        ("cardinality: many_to_many", "cardinality: many", "Value is not accepted"),
        ("    zone: curated\n", "    zone: curated\n    fliter: x > 0\n", "fliter"),
        ("version: 1", "version: 2", "."),
        ("lake: stedi", "lake: [stedi]", "Incorrect type"),
    ],
)
def test_what_is_wrong_is_underlined(server: Server, old: str, new: str, problem: str) -> None:
    text = STEDI.replace(old, new, 1)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one not in STEDI.splitlines())
    found = server.diagnostics(text)
    assert any(at == line and re.search(problem, message) for at, message in found), found


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("    fil" + CURSOR + "ter: share", "Keeps the rows for which this is true."),
        ("    ex" + CURSOR + "pect:", "Checked on what was written"),
        ("mixes_" + CURSOR + "subjects:", "Why a row may hold the data of two different people."),
        ("ro" + CURSOR + "w_counts:", "How many rows the reference data must give."),
    ],
)
def test_a_key_says_what_it_is_for(server: Server, place: str, said: str) -> None:
    old = place.replace(CURSOR, "")
    assert old in STEDI
    assert said in server.hover(STEDI.replace(old, place, 1))
