"""Files are cut into records: all of them, nothing else, whatever stands between them or was cut off."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.runtime.documents import Piece, pieces

TEXTS = st.text(max_size=6) | st.sampled_from(["{}", '{"in":1}', "[", "]}", '"', "\\", "a\nb", ",{", ":"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(-9, 10**20) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, min_size=1, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=5).map(
    lambda found: [{"top": at, **{f"_{key}": value for key, value in one.items()}} for at, one in enumerate(found)]
)
INDENTS = st.sampled_from([None, 0, 2])
ENDS = st.sampled_from(["]", "", ",\n"])
"""Of a file: with commas between them, records may be an array, or lack its brackets."""
LAYOUTS = st.sampled_from(["", "\n", "\r\n", " , ", ",\n", "\n\x1e"])


def objects(found: list[Piece]) -> list[Any]:
    """The pieces that the rules would take for an object, decoded."""
    decoded = []
    for piece in found:
        try:
            value = json.loads(piece.content)
        except ValueError:
            continue
        decoded += [value] if isinstance(value, dict) and not piece.problem else []
    return decoded


def is_whole(text: str) -> bool:
    """Whether a text begins with a JSON value, which damage may have made a shorter one."""
    try:
        json.JSONDecoder().raw_decode(text)
    except ValueError:
        return False
    return True


@given(RECORDS, INDENTS, LAYOUTS, ENDS)
def test_every_record_is_found_in_order(records: list[Any], indent: int | None, between: str, end: str) -> None:
    text = between.join(json.dumps(record, indent=indent, ensure_ascii=False) for record in records)
    text = f" [{text}]\n" if between.strip() and end == "]" else text + end.strip("]") * bool(records)
    found = list(pieces(text.encode()))
    assert [json.loads(piece.content) for piece in found] == records
    assert not any(piece.problem or b"\n" in piece.content for piece in found)
    starts = [1 + text[: text.find(f'"top": {at}')].rstrip(" {\r\n").count("\n") for at in range(len(records))]
    assert all(start <= piece.line <= start + 3 for start, piece in zip(starts, found, strict=True))


@given(RECORDS, INDENTS, st.lists(st.sampled_from(["data", "items", "a b"]), min_size=1, max_size=3))
def test_records_are_found_by_their_path(records: list[Any], indent: int | None, path: list[str]) -> None:
    document: Any = records
    for key in reversed(path):
        document = {"before": {path[0]: [{"no": 1}]}, key: document, "after": [{}]}
    found = list(pieces(json.dumps(document, indent=indent).encode(), path))
    assert [json.loads(piece.content) for piece in found] == records


@settings(max_examples=300)
@given(RECORDS, LAYOUTS, ENDS, st.data())
def test_damage_loses_nothing_and_invents_nothing(
    records: list[Any], between: str, ends: str, data: st.DataObject
) -> None:
    """Inner objects have no key `top`; one that is taken for a record would show.

    A record is cut off, or loses what isn't a bracket: without some brackets, or with those of a string that
    lost its quotes, a text may well be another, whole one.
    """
    texts = [json.dumps(record, ensure_ascii=False) for record in records]
    if texts:
        at = data.draw(st.integers(0, len(texts) - 1))
        start = data.draw(st.integers(9, len(texts[at])))  # behind `{"top": 0`
        junk = data.draw(st.text('ab1",: ', max_size=3))
        rest = texts[at][start:]
        in_strings = any(set("{}[]") & set(string) for string in re.findall(r'"(?:[^"\\]|\\.)*"', texts[at]))
        lost = data.draw(st.integers(0, 30)) if not in_strings and data.draw(st.booleans()) else 0
        kept = "".join(char for char in rest[:lost] if char in "{}[]") + rest[lost:] if lost else ""
        texts[at] = texts[at][:start] + junk + kept
    is_array = bool(between.strip()) and ends == "]"
    text = f"[{between.join(texts)}]" if is_array else between.join(texts) + ends.strip("]")
    assume(not is_whole(text) or not is_array)
    found = list(pieces(text.encode()))
    assert all("top" in record for record in objects(found) if record), text
    left = text.replace("\n", " ").replace("\r", " ")
    for piece in found:
        assert piece.content.decode() in left, (text, found)
        left = left.replace(piece.content.decode(), "", 1)
    assert not left.strip(" ,[]\x1e"), (text, found)


def test_all_kinds_of_damage_are_cut_in_time_that_grows_with_the_file() -> None:
    """What is broken isn't looked at again and again to the end of the file: 2 MB would take hours."""
    whole, cut_off = '{"top":1,"x":{"in":[1,2,3]}}', '{"top":9,"x":"cus'
    for text in (
        cut_off + whole,
        cut_off + "," + whole,
        whole + ",",
        cut_off,
        "[" + whole,
        '{"top": 01}',
        whole + "}",
        '{"x":' + whole,
        '"' + whole,
    ):
        assert sum(len(piece.content) for piece in pieces((text * (2_000_000 // len(text))).encode())) > 500_000
