"""What a search found, as JSON; where it found nothing, a certificate of that. Neither has a value of the person."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from generator import __version__
from generator.erasure.finding import Finding, Key, Search

FORMAT = 1
_COST = {"n": 1 << 14, "r": 8, "p": 1}
"""Of scrypt: who tries all addresses that there may be takes long."""


@dataclass(frozen=True, slots=True)
class About:
    """What was searched.

    Attributes:
        spec: the text of the spec, and behind it those of the files that it includes.
        data, lake_folder: as they were named; on AWS `data` is the landing data of the bucket.
        database: on AWS: that of the tables.
    """

    lake: str
    spec: str
    data: str
    lake_folder: str
    at: datetime
    database: str = ""


def certificate(found: Search, about: About) -> dict[str, Any]:
    """The JSON value; `certificate_schema.json` describes its fields."""
    return {
        "certificate": FORMAT,
        "erased": found.erased,
        "lake": about.lake,
        "at": about.at.isoformat(timespec="seconds"),
        "generator": __version__,
        "spec_sha256": hashlib.sha256(about.spec.encode("utf-8", "surrogatepass")).hexdigest(),
        "last_run": found.last_run,
        "since": found.since,
        "subject": found.subject,
        "keys": [_key(key) for key in found.keys],
        "rows_of_nobody": dict(found.nobodys),
        "untold": [asdict(one) for one in found.untold],
        "runs_until_gone": found.runs,
        "findings": [_finding(one) for one in found.findings],
        "unread": [asdict(one) for one in found.unread],
        "looked_at": {
            "data": about.data,
            "lake_folder": about.lake_folder,
            "files": [asdict(one) for one in found.looked],
            **(_deployed(found, about) if found.deployed else {}),
        },
        **({"not_looked_at": list(found.not_looked_at)} if found.deployed else {}),
    }


def _deployed(found: Search, about: About) -> dict[str, Any]:
    return {
        "database": about.database,
        "snapshots": [asdict(one) for one in found.snapshots],
        "objects": [asdict(one) for one in found.objects],
    }


def _key(key: Key) -> dict[str, Any]:
    salt = os.urandom(16)
    told = {"key": key.key, "given": key.given, "values": key.values, "searched_as_text": key.as_text}
    return {**told, "salt": salt.hex(), "scrypt": sorted(scrypt(text, salt) for text in key.spelled)}


def scrypt(text: str, salt: bytes) -> str:
    """A hash of a value that is slow to guess."""
    return hashlib.scrypt(text.encode("utf-8", "surrogatepass"), salt=salt, dklen=32, **_COST).hex()


def _finding(one: Finding) -> dict[str, Any]:
    told = {**asdict(one), "files": list(one.files), "lines": list(one.lines)}
    return told if one.snapshot is not None else {k: v for k, v in told.items() if k not in ("snapshot", "branch")}


def schema() -> str:
    """The JSON Schema of certificates."""
    return Path(__file__).with_name("certificate_schema.json").read_text(encoding="utf-8")
