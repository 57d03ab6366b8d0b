"""CSV whose records aren't lines as they stand: line breaks in quotes, other encodings, lines that are no data.

A file is cut into pieces, each the text of one record in UTF-8, which the exact rules then decode like a line. A quote
that is never closed costs its own line, not the rest of the file: a record over several lines has to be closed, and to
have as many fields as the header.
"""

from __future__ import annotations

import codecs
import mmap
import re
from collections.abc import Iterator
from contextlib import suppress

from .csv_lines import Dialect
from .documents import Piece
from .json_lines import WHITE_SPACE
from .options import ReadOptions
from .rules import Reason, Rejected

_MARK, _UTF8_MARK = "\ufeff", b"\xef\xbb\xbf"
_BYTES = "landing.bytes"
_UNDECODED = re.compile("[\udc80-\udcff]")


def breaks_lines(content: bytes | mmap.mmap) -> bool:
    """Whether a record of usual CSV may go over several lines: a line has an odd number of quotes."""
    quote = content.find(b'"')
    while quote >= 0:
        end = content.find(b"\n", quote)
        line = content[quote:end] if end >= 0 else content[quote:]
        if line.count(b'"') % 2:
            return True
        quote = content.find(b'"', end) if end >= 0 else -1
    return False


def csv_pieces(content: bytes, options: ReadOptions, width: int) -> Iterator[Piece]:
    """The records of a file, the header first if there is one; blank lines and comments are none.

    Args:
        content: of the whole file.
        width: number of fields, where no header tells.
    """
    dialect = Dialect(options)
    text, is_utf8 = _decoded(content, options.encoding)
    wanted = None if options.header else width
    position, line = _start(text, options.skip_lines)
    while 0 <= position < len(text):
        end = _line_end(text, position)
        record = text[position:end]
        if not record.strip(WHITE_SPACE) or (options.comment and record.startswith(options.comment)):
            position, line = end + 1, line + 1
            continue
        longer = dialect.over_lines(text, position, end)
        if longer is not None and _fits(dialect, longer, wanted, options):
            record, end = longer, _line_end(text, position + len(longer))
        yield Piece(line, record.encode(errors="surrogateescape"), "" if is_utf8 else _problem(record, options))
        if wanted is None:
            with suppress(Rejected):
                wanted = len(dialect.split(record.removesuffix("\r")))
        position, line = end + 1, line + 1 + text.count("\n", position, end)


def _start(text: str, skipped: int) -> tuple[int, int]:
    """Where the lines begin that aren't skipped, and the number of the first."""
    position = len(_MARK) if text.startswith(_MARK) else 0
    for _ in range(skipped):
        position = _line_end(text, position) + 1
    return position, skipped + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return end if end >= 0 else len(text)


def _fits(dialect: Dialect, record: str, width: int | None, options: ReadOptions) -> bool:
    """Whether a record over several lines is one; else a quote isn't closed where it should be."""
    if width is None:
        return True
    try:
        found = len(dialect.split(record))
    except Rejected:
        return False
    return found == width or (options.null_padding and found < width)


def _problem(record: str, options: ReadOptions) -> str:
    """That some bytes of a record are no characters."""
    found = _UNDECODED.search(record)
    if found is None:
        return ""
    byte = ord(found.group()) & 0xFF
    return str(Rejected(Reason.INVALID_ENCODING, f"byte {byte:#04x} is not {options.encoding}"))


def _decoded(content: bytes, encoding: str) -> tuple[str, bool]:
    """The text, and whether it was UTF-8; bytes that are no characters are half surrogates."""
    if content.startswith(_UTF8_MARK) or codecs.lookup(encoding).name == "utf-8":
        return content.decode(errors="surrogateescape"), True
    return content.decode(encoding, _BYTES), False


def _kept(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    found = error.object[error.start : error.end]
    kept = "".join(chr(0xDC00 + byte) if byte >= 0x80 else chr(byte) for byte in found)
    return kept if max(found) >= 0x80 else f"{kept}\udc80", error.end


codecs.register_error(_BYTES, _kept)
