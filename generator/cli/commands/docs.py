"""`docs`: the lake as a site to read, in one file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.spec_option import add_spec, read_spec
from generator.cli.terminal import Terminal
from generator.cli.tests_of_spec import find_tests
from generator.diagnostics import SpecError

if TYPE_CHECKING:
    from generator.render.site import RunData

HELP = "write the lake as a site: graph, tables, proofs, the last run"
DESCRIPTION = (
    "Writes one index.html that needs no network and no server: the lake as a graph, every table with its columns,\n"
    "its proof of consent, its checks and its code, and what the last run in the lake folder did."
)
EXAMPLE = "  python -m generator docs\n  python -m generator docs --lake .lake --output build/docs --open"


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    parser.add_argument("--lake", type=Path, default=Path(".lake"), metavar="DIR", help="the last run's lake (.lake)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where index.html goes (build/docs beside the spec)")
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    parser.add_argument(
        "--raw-lines",
        type=int,
        default=0,
        metavar="N",
        help="show N quarantined lines of each reason, and rows that broke a check; personal data is masked",
    )
    parser.add_argument("--reveal", action="store_true", help="show quarantined lines as they are, personal data too")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    source = read_spec(options)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run
    from generator.jobs.plan import hidden_keys
    from generator.render.build_folder import replace_files
    from generator.render.site import render_site, site_data

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    hidden = {} if options.reveal else {name: hidden_keys(one) for name, one in analysis.lake.sources.items()}
    last_run = _last_run(options.lake, analysis.lake.name, options.raw_lines, hidden, terminal)
    tests = find_tests(analysis, options.spec).tests
    data = site_data(analysis.lake, last_run, tests)
    folder = options.output or options.spec.parent / "build" / "docs"
    files = {"index.html": render_site(data)}
    if options.output is None:
        files[".gitignore"] = "*\n"  # it tells of a run of this machine
    replace_files(folder, files, ())
    page = folder / "index.html"
    terminal.print(f"{page}: {_summary(data)}, {page.stat().st_size / 1e6:.2f} MB")
    if options.open:
        _open(page)
    return 0


def _last_run(
    folder: Path, lake: str, raw_lines: int, hidden: Mapping[str, Sequence[str]], terminal: Terminal
) -> RunData | None:
    """What the lake folder keeps of its last run, unless that was another lake's."""
    from generator.render.site import RunData
    from generator.run.last_run import load_last_run

    report = load_last_run(folder)
    if report is None:
        terminal.note(f"note: no run in {folder}: the site goes without figures; `python -m generator run` makes them")
        return None
    if report["lake"] != lake:
        terminal.note(f"note: the last run in {folder} was of lake `{report['lake']}`: the site goes without figures")
        return None
    if raw_lines <= 0:
        return RunData(report)
    from generator.run.lake_folder import LakeFolder
    from generator.run.quarantine import quarantined_lines

    return RunData(report, quarantined_lines(LakeFolder(folder), raw_lines, hidden), with_examples=True)


def _summary(data: dict[str, object]) -> str:
    sources, tables = data["sources"], data["tables"]
    assert isinstance(sources, dict) and isinstance(tables, dict)
    return f"{len(sources)} sources, {len(tables)} tables, {'no' if data['run'] is None else 'the last'} run"


def _open(page: Path) -> None:
    import webbrowser

    webbrowser.open(page.resolve().as_uri())
