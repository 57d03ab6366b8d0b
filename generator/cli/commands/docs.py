"""`docs`: the lake as a site to read, in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import lake_option, reveal_option
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.tests_of_spec import find_tests
from generator.cli.value_types import FOLDER
from generator.diagnostics import SpecError
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.render.site import RunData

DESCRIPTION = (
    "Writes one index.html that needs no network and no server: the lake as a graph, every table with its columns,\n"
    "its proof of consent, its checks and its code, and what the last run in the lake folder did."
)
EXAMPLE = "  python -m generator docs\n  python -m generator docs --lake .lake --output build/docs --open"


@command(DESCRIPTION, EXAMPLE)
@spec_options
@lake_option("the last run's lake (.lake)")
@click.option("--output", type=FOLDER, metavar="DIR", help="where index.html goes (build/docs beside the spec)")
@click.option("--open", is_flag=True, help="open it in the browser")
@click.option(
    "--raw-lines",
    type=int,
    default=0,
    metavar="N",
    help="show N quarantined lines of each reason, and rows that broke a check; personal data is masked",
)
@reveal_option("show quarantined lines as they are, personal data too")
def run(options: Options, terminal: Terminal) -> int:
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
    terminal.say(f"{page}: {_summary(data)}, {page.stat().st_size / 1e6:.2f} MB")
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
    return f"{plural(sources, 'source')}, {plural(tables, 'table')}, {'no' if data['run'] is None else 'the last'} run"


def _open(page: Path) -> None:
    import webbrowser

    webbrowser.open(page.resolve().as_uri())
