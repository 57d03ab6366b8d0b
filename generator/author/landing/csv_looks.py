"""How CSV files are laid out, by what some of them begin with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from pathlib import Path

from generator.author.landing.lines import first_bytes
from generator.runtime.csv_lines import Dialect
from generator.runtime.csv_records import csv_pieces
from generator.runtime.options import ReadOptions
from generator.runtime.rules import Rejected

_LOOKED_AT, _HEAD, _RECORDS, _MOST_SKIPPED = 20, 1 << 18, 50, 20
_DELIMITERS = (",", ";", "\t", "|")
_ALL_AGREE, _LEAST_TRUST = 1.6, 0.3
_FEWEST_WORDS = 3
"""Fields between spaces that tell a table from a text."""
UTF16 = (b"\xff\xfe", b"\xfe\xff")
_VALUE = re.compile(r"[-+.,:/ ]+|[-+.]*\d[-+\d.,:/ TZ]*|true|false|null|[^@ ]+@[^@ ]+\.[^@ ]+", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\w+: ")
"""How comments of the extended log format begin, such as `#Fields: date time`."""


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """How CSV files are laid out.

    Attributes:
        names: what a comment above the records calls the columns of files without a header.
        unnamed: the columns of headers that no spec can name, and why.
    """

    options: ReadOptions
    names: tuple[str, ...] = ()
    unnamed: Mapping[str, str] = field(default_factory=dict)


def csv_layout(files: Sequence[Path]) -> CsvLayout:
    """The layout that most of the first records of the files agree with."""
    looked_at = files[:: -(-len(files) // _LOOKED_AT)]
    heads = [head for file in looked_at if (head := first_bytes(file, _HEAD))]
    options = ReadOptions(encoding=_encoding(heads))
    texts = [_text(head, options.encoding) for head in heads]
    options = _dialect(texts, options)
    options = _preamble(texts, options)
    found = [(text, records) for text in texts if (records := _records(text, options)) and records[0]]
    if found and not any(_is_header(*records) for _, records in found):
        named = {_named_above(text, records, options) for text, records in found}
        return CsvLayout(replace(options, header=False), named.pop() if len(named) == 1 else ())
    return CsvLayout(options, unnamed=_unnamed(header for _, (header, *_) in found))


def first_names(file: Path) -> frozenset[str]:
    """The names in a file's header; none where it has none."""
    options = csv_layout([file]).options
    records = _records(_text(first_bytes(file, _HEAD), options.encoding), options)
    return frozenset(field or "" for field in records[0]) if options.header and records else frozenset()


def is_delimited(head: bytes) -> bool:
    """Whether a text looks like a table: some delimiter, or as many words on each line."""
    lines = [line for line in head.split(b"\n") if line.strip() and not line.startswith(b"#")][:_RECORDS]
    if b"\0" in head or not lines:
        return False
    if any(mark.encode() in lines[0] for mark in _DELIMITERS):
        return True
    options = ReadOptions(delimiter=" ")
    widths = {len(_split(line.decode(errors="replace"), options)) for line in lines[:-1] or lines}
    return len(lines) > 1 and len(widths) == 1 and min(widths) >= _FEWEST_WORDS


def _unnamed(headers: Iterable[Sequence[str | None]]) -> dict[str, str]:
    found: set[str] = set()
    for header in headers:
        found |= {name for name, times in Counter(field or "" for field in header).items() if times > 1 or not name}
    return {name: "the header has it twice" if name else "it has no name in the header" for name in sorted(found)}


def _named_above(text: str, records: Sequence[Sequence[str | None]], options: ReadOptions) -> tuple[str, ...]:
    """The names in the last comment above the records: `#Fields: date time`, or between delimiters."""
    if not options.comment:
        return ()
    comments = list(takewhile(lambda line: line.startswith(options.comment), text.split("\n")))
    last = comments[-1].rstrip("\r") if comments else ""
    is_list = last.lower().startswith("#fields:")
    names = last.partition(":")[2].split() if is_list else _split(last.lstrip("# "), options)
    plain = tuple(dict.fromkeys((name or "").strip() for name in names))
    return plain if len(plain) == len(records[0]) and _is_header(plain, *records) and all(plain) else ()


def _encoding(heads: Sequence[bytes]) -> str:
    """What all files that aren't ASCII can be read in; UTF-8 where they differ, which at least tells."""
    found = {encoding for head in heads if (encoding := _encoding_of(head))}
    return found.pop() if len(found) == 1 else "utf-8"


def _encoding_of(head: bytes) -> str:
    """The encoding of a text by its bytes, or nothing if they are ASCII."""
    if head.startswith(UTF16):
        return "utf-16"
    zeros = [head[at::2].count(0) * 2 > len(head) * 0.6 for at in (0, 1)]
    if any(zeros) and len(head) > 3:
        return "utf-16-be" if zeros[0] else "utf-16-le"
    if head.isascii():
        return ""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 4 and len(head) == _HEAD:  # a character that the head cuts off
            return "utf-8"
    else:
        return "utf-8"
    western = any(0x80 <= byte < 0xA0 for byte in head)
    return "windows-1252" if western else "latin-1"


def _text(head: bytes, encoding: str) -> str:
    return head.decode(encoding, "replace").removeprefix("\ufeff")


def _dialect(texts: Sequence[str], options: ReadOptions) -> ReadOptions:
    """Delimiter, quote and escape: those by which most records have the same number of fields, and more than one."""
    best, score = options, 0.0
    for delimiter in _DELIMITERS:
        for quote, escape in _quotings(texts):
            candidate = replace(options, delimiter=delimiter, quote=quote, escape=escape)
            found = sum(_agreeing(text, candidate) for text in texts)
            if found > score:
                best, score = candidate, found
    if not score and all(_are_words(text) for text in texts):
        return replace(options, delimiter=" ")
    return best


def _are_words(text: str) -> bool:
    """Whether almost all records have as many words, as logs of networks do."""
    widths = Counter(map(len, _records(text, ReadOptions(delimiter=" ", comment="#"))))
    width, agreeing = max(widths.items(), key=lambda found: found[1], default=(0, 0))
    return width >= _FEWEST_WORDS and agreeing >= 0.9 * widths.total()


def _quotings(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Quotes and escapes that the files may have, the usual ones first."""
    found = [('"', "")]
    if any('\\"' in text for text in texts):
        found.append(('"', "\\"))
    if not any('"' in text for text in texts) and any("'" in text for text in texts):
        found += [("'", ""), *([("'", "\\")] if any("\\'" in text for text in texts) else [])]
    return found


def _agreeing(text: str, options: ReadOptions) -> float:
    """How many records have the usual number of fields; more for more fields, and for quotes that come off.

    More too where all have, header and all, and less where fields hold what may be the delimiter: `1,5;2,5` are
    two numbers rather than three fields.
    """
    records = _records(text, options)
    widths = Counter(map(len, records))
    width, agreeing = max(widths.items(), key=lambda found: (found[1], found[0]), default=(1, 0))
    if width < 2:
        return 0
    fields = [field for record in records for field in record if field]
    bare = sum(field[:1] == "'" == field[-1:] for field in fields if len(field) > 1)
    others = [mark for mark in _DELIMITERS if mark != options.delimiter]
    torn = sum(any(mark in field for mark in others) and not _VALUE.fullmatch(field) for field in fields)
    trust = (_ALL_AGREE if agreeing == len(records) else 1) * max(1 - torn / len(records), _LEAST_TRUST)
    return agreeing * min(width, 3) * trust - bare / (1 + bare)


def _preamble(texts: Sequence[str], options: ReadOptions) -> ReadOptions:
    """What stands above the header: lines that begin with `#`, or a number of others."""
    found = Counter(_above(text, options) for text in texts)
    if any(comment for comment, _ in found):
        return replace(options, comment="#")
    ((_, skipped), _), *others = found.most_common() or [(("", 0), 0)]
    return options if others else replace(options, skip_lines=skipped)


def _above(text: str, options: ReadOptions) -> tuple[str, int]:
    """A comment's mark, or how many lines to skip before the first record that is as wide as most."""
    lines = text.split("\n", _MOST_SKIPPED + 1)
    widths = Counter(width for record in _records(text, options) if (width := len(record)) > 1)
    usual = widths.most_common(1)[0][0] if widths else 1
    for number, line in enumerate(lines[:-1] if len(lines) > 1 else []):
        if line.strip() and not _DIRECTIVE.match(line) and len(_split(line, options)) == usual:
            comments = [one for one in lines[:number] if one.strip()]
            marked = comments and all(one.startswith("#") for one in comments)
            return ("#", 0) if marked else ("", number if comments else 0)
    return "", 0


def _records(text: str, options: ReadOptions) -> list[list[str | None]]:
    pieces = islice(csv_pieces(text.encode(), replace(options, encoding="utf-8"), 0), _RECORDS)
    return [fields for piece in pieces if (fields := _split(piece.content.decode(), options))]


def _split(record: str, options: ReadOptions) -> list[str | None]:
    try:
        return Dialect(options).split(record.removesuffix("\r"))
    except Rejected:
        return []


def _is_header(first: Sequence[str | None], *others: Sequence[str | None]) -> bool:
    """Whether a record holds names: no numbers, dates or e-mail addresses.

    A delimiter at the end of all records doesn't count. Where names are missing or there twice, values have to follow.
    """
    names = [(field or "").strip() for field in first]
    width = max(len(_filled(record)) for record in (names, *others))
    names = names[:width]
    if not any(names) or any(_VALUE.fullmatch(name) for name in names):
        return False
    if all(names) and len(set(names)) == len(names):
        return True
    return any(_are_values(others, number) for number, name in enumerate(names) if name or number == 0)


def _filled(record: Sequence[str | None]) -> list[str | None]:
    """A record up to its last field that isn't empty."""
    filled = [number for number, field in enumerate(record, 1) if field]
    return list(record[: filled[-1]]) if filled else []


def _are_values(records: Sequence[Sequence[str | None]], number: int) -> bool:
    """Whether all that is in a column are values that no column is called by."""
    found = [field for record in records for field in record[number : number + 1] if field]
    return bool(found) and all(map(_VALUE.fullmatch, found))
