"""Seals: what this user wrote, told from what came with a folder or was changed since.

The key lies in the user's own state folder, readable by nobody else. Where there can be no key, nothing is sealed, and
nothing counts as sealed.
"""

from __future__ import annotations

import hmac
import os
import stat
from contextlib import suppress
from pathlib import Path

_BYTES = 32


def sealed(text: str) -> str | None:
    """The seal of a text; None where there can be no key."""
    key = _key(make=True)
    return _seal(key, text) if key is not None else None


def is_sealed(seal: str, text: str) -> bool:
    """Whether a seal is this user's, for exactly this text."""
    key = _key(make=False)
    return key is not None and hmac.compare_digest(seal.encode(errors="replace"), _seal(key, text).encode())


def _seal(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _key(*, make: bool) -> bytes | None:
    with suppress(OSError, RuntimeError, ValueError):
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        file = Path(state) / "lakegen" / "key"
        if make and not file.exists():
            _make(file)
        return _own(file)
    return None


def _make(file: Path) -> None:
    """Writes a new key beside its place and links it there, so that two runs agree on one."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_name(f".key-{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, os.urandom(_BYTES))
    finally:
        os.close(descriptor)
    try:
        with suppress(FileExistsError):
            os.link(temporary, file)
    finally:
        temporary.unlink()


def _own(file: Path) -> bytes | None:
    """The key, if it is a file that only this user reads and writes."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        state = os.fstat(descriptor)
        only_ours = stat.S_ISREG(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o077
        found = os.read(descriptor, _BYTES + 1) if only_ours else b""
    finally:
        os.close(descriptor)
    return found if len(found) == _BYTES else None
