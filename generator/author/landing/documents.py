"""JSON files that aren't an object a line: whether they are, where their records are, and what they hold."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from generator.author.landing.csv_looks import first_names
from generator.author.landing.lines import Reading, first_bytes, open_raw, shares
from generator.author.landing.records import Record, json_records
from generator.runtime.documents import pieces
from generator.runtime.json_lines import Pairs, parse, utf8
from generator.runtime.options import ReadOptions
from generator.runtime.rules import Rejected

_LOOKED_AT, _HEAD = 8, 1 << 18
_DEPTH = 3
_ENVELOPE = frozenset(
    "data items results result records rows value values hits entries objects content list elements features events "
    "response body payload documents docs".split()
)
_PAGING = frozenset(
    "next previous prev page pages per_page page_size pagesize count total size took offset limit cursor has_more "
    "hasmore next_token nexttoken next_cursor self links _links meta metadata status success ok error errors message "
    "version request_id requestid type object @odata.context @odata.nextlink".split()
)


def json_options(files: Sequence[Path]) -> ReadOptions:
    """How the JSON files of a source are laid out, by what some of them begin with."""
    heads = [head for file in files[:: -(-len(files) // _LOOKED_AT)] if (head := first_bytes(file, _HEAD))]
    documents = [[one for one in _decoded(head) if one is not None] for head in heads]
    path = _records_path(documents)
    if path:
        return ReadOptions(records=path)
    lines = all(_begins_with_a_line(head) for head in heads)
    return ReadOptions(multiline=not lines and any(documents))


def _begins_with_a_line(head: bytes) -> bool:
    """Whether the first line that isn't blank is an object, or as long as all that was read of it."""
    line = next((line for line in head.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()), b"")
    try:
        parse(utf8(line))
    except (Rejected, RecursionError):
        return False
    return True


def _decoded(head: bytes) -> Iterator[Pairs | None]:
    """The objects that a file begins with; None for other pieces, such as the one that the head cuts off."""
    for piece in pieces(head):
        try:
            yield parse(utf8(piece.content))
        except (Rejected, RecursionError):
            yield None


def _records_path(documents: Sequence[Sequence[Pairs]]) -> str:
    """The keys that lead to the records, where each file is one document about nothing else; or nothing."""
    paths = {_envelope(found[0]) if len(found) == 1 else "" for found in documents if found}
    return paths.pop() if len(paths) == 1 else ""


def _envelope(document: Pairs) -> str:
    """The path of keys that only say that there is something in them, to the one array of objects."""
    path: list[str] = []
    value: object = document
    while isinstance(value, Pairs) and len(path) < _DEPTH:
        inside = [(key, one) for key, one in value if isinstance(one, (Pairs, list)) and key.lower() not in _PAGING]
        others = {key.lower() for key, _ in value} - {key.lower() for key, _ in inside}
        if len(inside) != 1 or inside[0][0].lower() not in _ENVELOPE or others - _PAGING or "." in inside[0][0]:
            return ""
        path.append(inside[0][0])
        value = inside[0][1]
    found = isinstance(value, list) and not isinstance(value, Pairs) and all(isinstance(one, Pairs) for one in value)
    return ".".join(path) if found else ""


def document_records(files: Sequence[Path], options: ReadOptions, reading: Reading) -> Iterator[Record]:
    """The records of JSON documents; of a file that is too big the first ones."""
    sizes: Mapping[Path, int] = shares(files, reading.limit)
    for file in files:
        try:
            with closing(open_raw(file)) as stream:
                content = stream.read(sizes[file])
                cut_off = bool(stream.read(1))
        except (OSError, EOFError, zlib.error):
            reading.damaged.append(file)
            continue
        found = list(pieces(content, options.path))
        if cut_off:
            reading.complete = False
            found = found[:-1]
        for piece in found:
            reading.lines += 1
            yield _record(file, piece.content, piece.problem)


def first_keys(file: Path, kind: str) -> frozenset[str]:
    """The keys of a file's first record; none where it can't be read."""
    if kind == "csv":
        return first_names(file)
    if kind == "json":
        options, reading = json_options([file]), Reading(1 << 16)
        documents = options.cuts_documents
        found = document_records([file], options, reading) if documents else json_records([file], reading)
        return frozenset(key for key, _ in next(found, Record(None, 0)).fields or ())
    return frozenset()


def _record(file: Path, content: bytes, problem: str) -> Record:
    try:
        return Record(None, 0) if problem else Record(parse(utf8(content)), hash((file.parent, content)))
    except (Rejected, RecursionError):
        return Record(None, 0)
