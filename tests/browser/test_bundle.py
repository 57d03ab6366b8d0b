"""The committed bundle is what its sources and the lock file make."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from generator.render.site.page import BUNDLE
from generator.render.templates import templates_folder

SITE = templates_folder() / Path(BUNDLE).parent
OFFLINE = re.compile(r"ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ENETUNREACH")


def test_the_bundle_is_built_from_its_sources(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("npm"), "npm isn't installed: it builds the site's bundle")
    done = subprocess.run([SITE / "build.sh", tmp_path], capture_output=True, text=True, env=dict(os.environ))
    need(not OFFLINE.search(done.stderr), "npm reaches no registry")
    assert done.returncode == 0, done.stderr
    for name in ("site.js", "site.css", "LICENSES.txt"):
        built, committed = (tmp_path / name).read_bytes(), (SITE / "bundle" / name).read_bytes()
        assert built == committed, f"{name} isn't what src/ makes: run {SITE / 'build.sh'}"


def test_the_bundle_loads_nothing_and_is_small() -> None:
    style = (SITE / "bundle" / "site.css").read_text(encoding="utf-8")
    assert set(re.findall(r"url\(\W?(\w+):", style)) == {"data"}
    script = (SITE / "bundle" / "site.js").read_text(encoding="utf-8")
    assert "</script" not in script.lower()
    assert len(style) + len(script) < 500_000


def test_every_library_in_the_bundle_has_its_licence() -> None:
    licences = (SITE / "bundle" / "LICENSES.txt").read_text(encoding="utf-8")
    for name, version in json.loads((SITE / "package.json").read_text(encoding="utf-8"))["dependencies"].items():
        assert f"{name} {version}\n" in licences


def test_the_lock_file_names_no_registry() -> None:
    lock = (SITE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') >= 20
