"""`build`: everything that is generated from the spec."""

from __future__ import annotations

import argparse
from pathlib import Path

from generator.cli.findings import report
from generator.cli.terminal import Terminal
from generator.spec.source import read_source

HELP = "write what is generated from the spec to build/"
DESCRIPTION = (
    "Writes build/pipeline.schema.json, with which editors complete and check pipeline.yaml while you type, and\n"
    "build/manifest.json with its schema: columns, labels, keys, lineage and proofs, for other tools."
)
EXAMPLE = "  python -m generator build\n  python -m generator build --check"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", nargs="?", type=Path, default=Path("pipeline.yaml"), help="the spec (pipeline.yaml)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not current")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    source = read_source(options.spec)
    from generator.checks import (
        check_spec,  # the compiler's libraries take longer to import than most commands run
    )
    from generator.render.build import render_build, stale_files, write_build

    analysis = check_spec(source)
    report(terminal, source, analysis.diagnostics, "text")
    if analysis.lake is None:
        return 1
    files = render_build(analysis.lake)
    folder = options.spec.parent / "build"
    stale = stale_files(folder, files)
    if options.check:
        for name in stale:
            terminal.error(f"{folder / name} is not current: run `python -m generator build`")
        return 1 if stale else 0
    write_build(folder, files, stale)
    terminal.print(f"{folder}: {len(stale)} of {len(files)} files changed")
    return 0
