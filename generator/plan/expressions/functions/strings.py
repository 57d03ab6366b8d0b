"""Strings and regular expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function
from generator.plan.expressions.problem import NotPortable
from generator.plan.expressions.regex import groups, is_plain, matches_empty, replacement, to_re2
from generator.plan.types import STRING, array


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _length(text: str) -> str:
    """A number of characters: at least none, and NULL where it is NULL, which `greatest` would pass over."""
    return f"CASE WHEN {text} < 0 THEN 0 ELSE {text} END"


def _taken(call: Call, args: Sequence[str]) -> str:
    """`left`, `right` and `repeat`."""
    return f"{call.name}({args[0]}, {_length(args[1])})"


def _substring(call: Call, args: Sequence[str]) -> str:
    start = call.constant(1)
    position = f"CASE WHEN {args[1]} = 0 THEN 1 ELSE {args[1]} END" if start is None else str(start or 1)
    if len(args) == 2:
        return f"substring({args[0]}, {position})"
    return f"substring({args[0]}, {position}, {_length(args[2])})"


def _joined(call: Call, args: Sequence[str]) -> str:
    return f"({' || '.join(args)})"


def _padded(call: Call, args: Sequence[str]) -> str:
    padding = args[2] if len(args) == 3 else "' '"
    return f"{call.name}({args[0]}, {_length(args[1])}, {padding})"


def _trimmed(call: Call, args: Sequence[str]) -> str:
    characters = args[1] if len(args) > 1 else "' '"
    return f"trim({args[0]}, {characters})"


def _replaced(call: Call, args: Sequence[str]) -> str:
    new = args[2] if len(args) > 2 else "''"
    return f"replace({args[0]}, {args[1]}, {new})"


def _not_empty(index: int, call: Call) -> None:
    if call.constant(index) == "":
        raise NotPortable("the engines differ on an empty string here")


def _pattern(call: Call, args: Sequence[str]) -> str:
    return f"regexp_matches({args[0]}, {quoted(to_re2(call.text(1)))})"


def _consuming(call: Call) -> None:
    to_re2(call.text(1), True)
    if matches_empty(call.text(1)):
        raise NotPortable("the pattern matches the empty string, which engines treat differently")


def _replace_all(call: Call, args: Sequence[str]) -> str:
    pattern, new = quoted(to_re2(call.text(1), True)), quoted(replacement(call.text(2), groups(call.text(1))))
    return f"regexp_replace({args[0]}, {pattern}, {new}, 'g')"


def _valid_replacement(call: Call) -> None:
    _consuming(call)
    replacement(call.text(2), groups(call.text(1)))


def _group(call: Call) -> int:
    return call.number(2) if len(call.arguments) > 2 else 1


def _valid_extract(call: Call) -> None:
    to_re2(call.text(1), _group(call) == 0)
    if not 0 <= _group(call) <= groups(call.text(1)):
        raise NotPortable(f"the pattern has no group {_group(call)}", "put parentheses around what you want")


def _extract(call: Call, args: Sequence[str]) -> str:
    group = _group(call)
    return f"regexp_extract({args[0]}, {quoted(to_re2(call.text(1), group == 0))}, {group})"


def _split(call: Call, args: Sequence[str]) -> str:
    pattern = call.text(1)
    if is_plain(pattern):
        return f"string_split({args[0]}, {quoted(pattern)})"
    return f"string_split_regex({args[0]}, {quoted(to_re2(pattern, True))})"


def _valid_part(call: Call) -> None:
    _not_empty(1, call)
    if call.number(2) == 0:
        raise NotPortable("parts are counted from 1, or from -1 at the end")


def _first_parts(call: Call, args: Sequence[str]) -> str:
    count = call.number(2)
    parts = f"string_split({args[0]}, {args[1]})"
    chosen = f"{parts}[1:{count}]" if count > 0 else f"{parts}[{count}:]"
    return f"array_to_string({chosen}, {args[1]})"


_ASCII = re.compile(r"[\x00-\x7f]*\Z")


def _ascii_words(call: Call) -> None:
    if not _ASCII.match(call.text(1)) or not _ASCII.match(call.text(2)):
        raise NotPortable("only with ASCII characters to replace")


# fmt: off
FUNCTIONS = (
    Function("upper", "string", "string", "spark_upper({0})",
             ("upper(s)", "upper(word)"), aliases=("ucase",)),
    Function("lower", "string", "string", "spark_lower({0})",
             ("lower(s)", "lower(word)", "lower('İ ΑΣ ΑΣΑ')"), aliases=("lcase",)),
    Function("length", "string", "int", "length({0})",
             ("length(s)", "length(word)"), aliases=("char_length", "character_length", "len")),
    Function("octet_length", "string", "int", "strlen({0})", ("octet_length(word)",)),
    Function("trim", "string", "string", "trim({0}, ' ')", ("trim(s)", "trim(s2)")),
    Function("btrim", "string, string?", "string", _trimmed,
             ("btrim(s)", "btrim(s, 'Hd')", "trim(both 'H' from s)")),
    Function("ltrim", "string", "string", "ltrim({0}, ' ')", ("ltrim(s)",)),
    Function("rtrim", "string", "string", "rtrim({0}, ' ')", ("rtrim(s)",)),
    Function("concat", "string, string*", "string", _joined,
             ("concat(s, s2)", "concat(s, '-', word)", "concat(s)")),
    Function("concat_ws", "string, string*", "string", "concat_ws({all})",
             ("concat_ws('-', s, s2, 'x')", "concat_ws(s2, s, word)", "concat_ws(',', s)")),
    Function("substring", "string, int, int?", "string", _substring,
             ("substring(s, 2, 3)", "substring(s, 0, 3)", "substring(s, -3, 2)", "substr(s, -3)",
             "substring(s, j, 2)", "substring(word, -20, 17)", "substring(s, 2, j)", "substring(word, 7)"),
             aliases=("substr",)),
    Function("left", "string, int", "string", _taken, ("left(s, 2)", "left(word, j)")),
    Function("right", "string, int", "string", _taken,
             ("right(s, 2)", "right(word, j)")),
    Function("replace", "string, string, string?", "string", _replaced,
             ("replace(s, 'a', 'z')", "replace(s, s2)", "replace(s, s2, word)", "replace(s, '', 'x')")),
    Function("lpad", "string, int, string!?", "string", _padded,
             ("lpad(s, 5, '*')", "lpad(s, 3)", "lpad(word, j, 'é')"),
             validate=lambda call: _not_empty(2, call)),
    Function("rpad", "string, int, string!?", "string", _padded,
             ("rpad(s, 5, '*')", "rpad(s, 3)", "rpad(s, 12, 'ab')"),
             validate=lambda call: _not_empty(2, call)),
    Function("repeat", "string, int", "string", _taken,
             ("repeat(s2, 2)", "repeat(s2, small)")),
    Function("reverse", "string", "string", "spark_reverse({0})", ("reverse(s)", "reverse(word)")),
    Function("translate", "string, string!, string!", "string", "translate({0}, {1}, {2})",
             ("translate(s, 'abc', 'xyz')", "translate(s, 'lo', 'L')"), validate=_ascii_words),
    Function("ascii", "string", "int", "CASE WHEN {0} = '' THEN 0 ELSE unicode({0}) END",
             ("ascii(s)", "ascii(word)")),
    Function("instr", "string, string", "int", "instr({0}, {1})", ("instr(s, s2)", "instr(word, 'l')")),
    Function("locate", "string, string", "int", "instr({1}, {0})",
             ("locate('o', s)", "locate(s2, s)", "position('o' in s)"), aliases=("position",)),
    Function("contains", "string, string", "boolean", "contains({0}, {1})",
             ("contains(s, s2)", "contains(s, '')", "contains(s, 'o')")),
    Function("startswith", "string, string", "boolean", "starts_with({0}, {1})",
             ("startswith(s, 'H')", "startswith(s, s2)")),
    Function("endswith", "string, string", "boolean", "suffix({0}, {1})",
             ("endswith(s, 'd')", "endswith(s, s2)")),
    Function("split", "string, string!", lambda call: array(STRING), _split,
             ("split(s, ',')", "split(s, '[ ,]')", "split(s, 'l+')[1]", "split(s, ',')[9]"),
             validate=_consuming),
    Function("split_part", "string, string!, int!", "string", "split_part({0}, {1}, {2})",
             ("split_part(s, ',', 2)", "split_part(s, ',', -1)", "split_part(s, 'l', 9)"),
             validate=_valid_part),
    Function("substring_index", "string, string!, int!", "string", _first_parts,
             ("substring_index(s, ',', 2)", "substring_index(s, 'l', -1)", "substring_index(s, 'l', -9)"),
             validate=_valid_part),
    Function("regexp_like", "string, string!", "boolean", _pattern,
             ("regexp_like(s, '^[A-Z]')", "rlike(s, 'o$')"),
             aliases=("rlike", "regexp"), validate=lambda call: to_re2(call.text(1))),
    Function("regexp_replace", "string, string!, string!", "string", _replace_all,
             ("regexp_replace(s, '[a-z]+', '*')", "regexp_replace(s, '(\\\\w)(\\\\w)', '$2$1')",
             "regexp_replace(word, '\\\\s+', '')", "regexp_replace(s, ',', '\\\\$0')",
             "regexp_replace(s, '(l+)', '<$1>\\\\\\\\')"),
             validate=_valid_replacement),
    Function("regexp_extract", "string, string!, int!?", "string", _extract,
             ("regexp_extract(s, '([A-Z])(\\\\w+)', 2)", "regexp_extract(s, '([A-Z])(\\\\w+)')",
             "regexp_extract(s, '\\\\w+', 0)", "regexp_extract(s, '(x)|(o)', 1)"),
             validate=_valid_extract),
    Function("hex", "string", "string", "hex({0})", ("hex(s)", "hex(word)")),
)
# fmt: on
