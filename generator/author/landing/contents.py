"""What files are that can't be read, or not by the name that they have: told by how they begin."""

from __future__ import annotations

import re
from pathlib import Path

from generator.author.landing.lines import BYTE_ORDER_MARK, first_bytes
from generator.runtime.names import is_archive

_SIZE = 512
_UNPACK = "unpack it into the folder"
_AS_CSV = "save it as CSV"
_AS_PARQUET = "write it as Parquet"
_ERROR = "such as an error message, instead of the file: fetch it again"
_TAR = f"a tar archive: {_UNPACK}"
_KINDS = {
    rb".{257}ustar": _TAR,
    rb"PK\x03\x04": f"a ZIP archive, or a workbook: {_UNPACK}, or {_AS_CSV}",
    rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": f"a workbook: {_AS_CSV}",
    rb"7z\xbc\xaf\x27\x1c": f"a 7z archive: {_UNPACK}",
    rb"\xfd7zXZ\0": f"packed with xz: {_UNPACK}",
    rb"ORC.{0,80}?[\0-\x08\x0e-\x1f]": f"ORC: {_AS_PARQUET}",
    rb"Obj\x01": f"Avro: {_AS_PARQUET}",
    rb"SQLite format 3\0": f"a database of SQLite: {_AS_CSV}, a file a table",
    rb"%PDF-": f"PDF: {_AS_CSV}",
    rb"version https://git-lfs\.github\.com/spec/": "a pointer of Git LFS: `git lfs pull` fetches the file itself",
    rb"\s*<(?i:!doctype html|html)\b": f"a web page, {_ERROR}",
    rb"\s*<\?xml\b.*<Error>": f"XML, {_ERROR}",
    rb"\s*<\?xml\b": f"XML: {_AS_CSV}, or as JSON",
}
_PACKED = {rb"\x1f\x8b\x08": ".gz", rb"BZh[1-9]1AY&SY": ".bz2", rb"\x28\xb5\x2f\xfd": ".zst"}
_PACKED_TARS = (".tgz", ".tbz2", ".tzst")


def foreign_content(file: Path) -> str:
    """What a file is that can't be read, and what to do; nothing of one that may be read."""
    start = first_bytes(file, _SIZE).removeprefix(BYTE_ORDER_MARK)
    found = next((kind for beginning, kind in _KINDS.items() if re.match(beginning, start, re.DOTALL)), "")
    ending = next((ending for beginning, ending in _PACKED.items() if re.match(beginning, start)), "")
    if not ending:
        return found
    if file.name.lower().endswith(_PACKED_TARS):
        return _TAR
    twice = is_archive(file.name.lower())
    return f"packed twice: {_UNPACK}" if twice else f"packed, as its name has to tell: let it end in {ending}"
