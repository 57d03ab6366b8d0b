"""Hashes: personal data is pseudonymous after them."""

from __future__ import annotations

from generator.plan.expressions.functions.model import Call, Function, Personal
from generator.plan.expressions.problem import NotPortable


def _bits(call: Call) -> None:
    if call.constant(1) not in (0, 256):
        raise NotPortable("DuckDB has no SHA-224, SHA-384 or SHA-512", "write `sha2(…, 256)`")


# fmt: off
FUNCTIONS = (
    Function("md5", "string", "string", "md5({0})", ("md5(s)", "md5(word)"), personal=Personal.HASH),
    Function("sha1", "string", "string", "sha1({0})",
             ("sha1(s)", "sha(word)"), personal=Personal.HASH, aliases=("sha",)),
    Function("sha2", "string, int!", "string", "sha256({0})",
             ("sha2(s, 256)", "sha2(word, 0)"), personal=Personal.HASH, validate=_bits),
)
# fmt: on
