"""Terraform's provider, where there is no network: a copy that is already on this machine."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generator.deploy.terraform import CONFIG

REGISTRY = "registry.terraform.io"
_PROVIDER = f"{REGISTRY}/hashicorp/aws"
_OLDEST = (5, 100)
_BEFORE = (7,)
_DEPTH = 3
_SEARCHED = ("/opt", "/usr/local", "/usr/share", "/usr/lib", "/var/lib", "/srv", "/mnt")


def offline_environment(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment, with a CLI configuration that takes the provider from this machine if there is a copy of it.

    A configuration that the environment names and that exists is left as it is.

    Args:
        folder: where the configuration is written.
    """
    chosen = dict(environment)
    named = chosen.pop(CONFIG, "")
    if named and os.path.isfile(named):
        return {**chosen, CONFIG: named}
    mirror = find_mirror(search_places())
    if mirror is not None:
        file = folder / "terraform.rc"
        file.write_text(_configuration(mirror), encoding="utf-8")
        chosen[CONFIG] = str(file)
    return chosen


def search_places() -> list[Path]:
    """Where plugins are kept: Terraform's own places, then those of system and home."""
    home = Path.home()
    cache = os.environ.get("TF_PLUGIN_CACHE_DIR")
    own = [home / ".terraform.d", home / ".local/share/terraform", *(Path(place) for place in _SEARCHED), home]
    return [Path(cache), *own] if cache else own


def find_mirror(places: Iterable[Path]) -> Path | None:
    """The first folder that holds the AWS provider, of a version and for a platform that fit, in a mirror's layout."""
    for place in places:
        for folder in _folders(place, _DEPTH):
            if (folder / _PROVIDER).is_dir() and any(_fits(version) for version in (folder / _PROVIDER).iterdir()):
                return folder
    return None


def _folders(place: Path, depth: int) -> Iterator[Path]:
    """A folder and those below it, without links and hidden ones further down."""
    yield place
    if depth == 0:
        return
    try:
        entries = sorted(entry.path for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return
    for entry in entries:
        if not Path(entry).name.startswith("."):
            yield from _folders(Path(entry), depth - 1)


def _fits(entry: Path) -> bool:
    """Whether an entry is a version that the module takes, unpacked (5.100.0/linux_amd64) or packed (a zip of it)."""
    packed = re.fullmatch(r"terraform-provider-aws_(\d+(?:\.\d+)*)_(\w+)\.zip", entry.name)
    version = packed.group(1) if packed else entry.name
    if not re.fullmatch(r"\d+(\.\d+)*", version):
        return False
    numbers = tuple(int(part) for part in version.split("."))
    here = packed.group(2) == _platform() if packed else (entry / _platform()).exists()
    return _OLDEST <= numbers < _BEFORE and here


def _platform() -> str:
    machine = platform.machine().lower()
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    return f"{platform.system().lower()}_{names.get(machine, machine)}"


def _configuration(mirror: Path) -> str:
    return (
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{mirror.as_posix()}"\n    include = ["{_PROVIDER}"]\n  }}\n'
        f'  direct {{\n    exclude = ["{_PROVIDER}"]\n  }}\n'
        "}\n"
    )
