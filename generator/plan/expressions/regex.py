"""Regular expressions that mean the same to Java, which Spark uses, and to RE2, which DuckDB uses.

The common subset is copied, differences in meaning are spelled out for RE2, and the rest is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.plan.expressions.problem import NotPortable

# Java's idea of a line end; RE2 knows only \n.
_LINE_ENDS = r"\n\r\x{85}\x{2028}\x{2029}"
_ANY = f"[^{_LINE_ENDS}]"
_END = rf"(?:\r\n|[{_LINE_ENDS}])?\z"
_SPACE = r"\t-\r "
_CONTROLS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "a": r"\a"}
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})")
_GROUP = re.compile(r"\((?!\?)|\(\?:")
_CODE_POINT = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}")
_PROPERTY = re.compile(r"[pP](?:\{(?:L|Lu|Ll|N|Nd|P|S|Z)\}|[LNPSZ])")
MAX_REPEAT = 1000


@lru_cache(maxsize=1000)
def to_re2(pattern: str, consuming: bool = False) -> str:
    """The RE2 pattern that finds what the Java pattern finds.

    Args:
        consuming: the matched text itself is used, so `$` can't be allowed to swallow a line end.

    Raises:
        NotPortable: for syntax that RE2 lacks or that means something else there.
    """
    return _Translator(pattern, consuming).translate()


def groups(pattern: str) -> int:
    """How many capturing groups a translated pattern has."""
    return re.compile(_for_python(pattern)).groups


def is_plain(pattern: str) -> bool:
    """Whether a pattern is just the text that it matches."""
    return bool(pattern) and not re.search(r"[\\.\[\]{}()*+?^$|]", pattern)


def check_like(pattern: str) -> None:
    """Refuses a LIKE pattern in which a backslash escapes something else than `%`, `_` or itself."""
    if re.sub(r"\\[%_\\]", "", pattern).find("\\") >= 0:
        raise NotPortable("in a LIKE pattern a backslash can stand only before `%`, `_` or another backslash")


class _Translator:
    def __init__(self, pattern: str, consuming: bool) -> None:
        self.pattern = pattern
        self.consuming = consuming
        self.at = 0
        self.out: list[str] = []
        self.depth = 0

    def translate(self) -> str:
        while self.at < len(self.pattern):
            self.out.append(self.item())
        if self.depth:
            raise NotPortable("a parenthesis of the pattern is never closed")
        return "".join(self.out)

    def item(self) -> str:
        char = self.pattern[self.at]
        if char == "\\":
            return self.escape(False)
        if char == "[":
            return self.char_class()
        if char == "(":
            return self.group()
        if char == ")":
            self.depth -= 1
            self.at += 1
            if self.depth < 0:
                raise NotPortable("a parenthesis of the pattern is closed but never opened")
            return ")" + self.quantifier()
        if char in "*+?{":
            raise NotPortable(f"nothing before `{char}` to repeat", f"write `\\\\{char}` for the character itself")
        self.at += 1
        if char == "^":
            return r"\A"
        if char == "$":
            return self.end()
        if char == "|":
            return "|"
        return (_ANY if char == "." else char) + self.quantifier()

    def end(self) -> str:
        if self.consuming:
            raise NotPortable(
                "`$` also matches before a last line end in Java", "write `\\\\z` for the end of the text"
            )
        return _END

    def quantifier(self) -> str:
        match = _QUANTIFIER.match(self.pattern, self.at)
        if match is None:
            return ""
        self.at = match.end()
        found = match.group()
        if any(len(number) > 9 or int(number) > MAX_REPEAT for number in re.findall(r"\d+", found)):
            raise NotPortable(f"`{found}` repeats more than {MAX_REPEAT} times")
        follow = self.pattern[self.at : self.at + 1]
        if follow == "+":
            raise NotPortable(f"the possessive quantifier `{found}+` exists only in Java")
        if follow == "?":
            self.at += 1
            found += "?"
        return found

    def group(self) -> str:
        match = _GROUP.match(self.pattern, self.at)
        if match is None:
            what = self.pattern[self.at : self.at + 3]
            raise NotPortable(f"`{what}` is not portable: no look-around, named groups or flags",
                              "for `(?i)` compare `lower(…)` with a lower-case pattern")  # fmt: skip
        self.at = match.end()
        self.depth += 1
        return match.group()

    def escape(self, in_class: bool) -> str:
        self.at += 1
        code = _CODE_POINT.match(self.pattern, self.at) or _PROPERTY.match(self.pattern, self.at)
        if code is not None:
            self.at = code.end()
            point = next((part for part in code.groups() if part), None) if code.re is _CODE_POINT else None
            text = rf"\x{{{point}}}" if point else "\\" + code.group()
            return text if in_class else text + self.quantifier()
        char = self.pattern[self.at : self.at + 1]
        self.at += 1
        text = self._escaped(char, in_class)
        return text if in_class or char in "bBzA" else text + self.quantifier()

    def _escaped(self, char: str, in_class: bool) -> str:
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in ("d", "D", "w", "W"):
            return "\\" + char
        if char == "s":
            return _SPACE if in_class else f"[{_SPACE}]"
        if char == "S" and not in_class:
            return f"[^{_SPACE}]"
        if char in ("z", "A") and not in_class:
            return "\\" + char
        if char and not char.isalnum():
            return "\\" + char
        if char in ("b", "B"):
            raise NotPortable(f"`\\{char}` is about Unicode words in Java, about ASCII ones in DuckDB")
        raise NotPortable(f"`\\{char}` is not portable" if char else "the pattern ends in a backslash")

    def char_class(self) -> str:
        self.at += 1
        out = ["["]
        if self.pattern[self.at : self.at + 1] == "^":
            out.append("^")
            self.at += 1
        first = self.at
        while True:
            char = self.pattern[self.at : self.at + 1]
            if not char:
                raise NotPortable("a `[` of the pattern is never closed")
            if char == "]" and self.at > first:
                break
            if char in "[&]" and (char != "&" or self.pattern.startswith("&&", self.at)):
                raise NotPortable(f"`{char}` inside `[…]` is not portable", f"write `\\\\{char}`")
            out.append(self.escape(True) if char == "\\" else char)
            if char != "\\":
                self.at += 1
        self.at += 1
        return "".join(out) + "]" + self.quantifier()


def matches_empty(pattern: str) -> bool:
    """Whether a translated pattern may match without consuming a character."""
    try:
        return re.match(_for_python(pattern), "") is not None
    except re.error:
        return True


def _for_python(pattern: str) -> str:
    translated = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda match: f"\\U{int(match[1], 16):08x}", to_re2(pattern))
    return re.sub(r"\\[pP](?:\{\w+\}|\w)", r"\\w", translated).replace(r"\z", r"\Z")


_REFERENCE = re.compile(r"\\(.)|\$(\d+)|(\\)\Z|([\\$])", re.DOTALL)


def replacement(text: str, count: int) -> str:
    r"""RE2's form of what Java puts in the place of a match: `\1` for `$1`.

    Args:
        text: the Java replacement.
        count: how many groups the pattern has.
    """

    def rewritten(match: re.Match[str]) -> str:
        escaped, group = match[1], match[2]
        if escaped is not None:
            return r"\\" if escaped == "\\" else escaped
        if group is None:
            raise NotPortable("a lone `$` or backslash in a replacement", "write `\\\\$` for a dollar sign")
        if len(group) > 1 or int(group) > count:
            raise NotPortable(f"the pattern has no group {group}")
        return f"\\{group}"

    return _REFERENCE.sub(rewritten, text)
