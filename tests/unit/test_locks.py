"""The locks: whole, of public packages only, and of the versions that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "requirements"
LOCKS = sorted(path.stem for path in FOLDER.glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = ("linux", "darwin")


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """The requirements of a lock, each with its hashes."""
    text = re.sub(r"^\s*#.*\n", "", (FOLDER / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = line.split(" --hash=")
        found.append((Requirement(requirement), [one.strip() for one in hashes]))
    return found


def versions(name: str, python: str, system: str) -> dict[str, str]:
    environment = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": system}
    return {
        canonicalize_name(one.name): str(one.specifier).removeprefix("==")
        for one, _ in locked(name)
        if one.marker is None or one.marker.evaluate(environment)
    }


def declared(name: str) -> Iterator[Requirement]:
    """What a lock was made for, in pyproject.toml and in requirements/NAME.in."""
    if name not in ("build", "tools"):
        yield from map(Requirement, PROJECT["project"]["dependencies"])
    for one in map(Requirement, EXTRAS.get(name, ())):
        yield from (part for extra in one.extras for part in declared(extra)) if one.name == "lakegen" else (one,)
    listed = FOLDER / f"{name}.in"
    if listed.exists():
        lines = listed.read_text(encoding="utf-8").splitlines()
        yield from (Requirement(line) for line in lines if not line.startswith("#"))
    if name == "build":
        yield from map(Requirement, PROJECT["build-system"]["requires"])


def test_each_extra_has_a_lock() -> None:
    assert set(LOCKS) == {"base", "build", "spark35", "tools", *EXTRAS}


@pytest.mark.parametrize("name", LOCKS)
def test_each_version_is_exact_and_has_hashes(name: str) -> None:
    for requirement, hashes in locked(name):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_nothing_of_a_machine_is_in_it(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|@ |^\s*-(?!-hash=)", text, re.MULTILINE)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_is_asked_for(name: str, python: str, system: str) -> None:
    """Where this fails, `make upgrade` resolves anew."""
    there = versions(name, python, system)
    for one in declared(name):
        version = there.get(canonicalize_name(one.name))
        assert version is not None, f"{one} isn't in requirements/{name}.txt"
        assert one.specifier.contains(version, prereleases=True), f"requirements/{name}.txt has {version}, not {one}"


@pytest.mark.parametrize("python", PYTHONS)
def test_locks_that_are_installed_together_agree(python: str) -> None:
    together: dict[str, set[str]] = {}
    for name in ("base", "build", *EXTRAS):
        for package, version in versions(name, python, "linux").items():
            together.setdefault(package, set()).add(version)
    assert {package: found for package, found in together.items() if len(found) > 1} == {}
