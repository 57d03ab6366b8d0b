"""`build`: everything that is generated from the spec."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.findings import report_files
from generator.cli.spec_option import former_spec_argument, read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.tests_of_spec import find_tests
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.render.build_folder import Change, Survey

DESCRIPTION = (
    "Writes build/ beside the spec: the jobs' scripts with the runtime that they share, their graphs for Glue Studio,\n"
    "the Terraform module, Athena's queries, the manifest for other tools, and the schema with which editors complete\n"
    "and check pipeline.yaml.\n\n"
    "Where there is no terraform/ yet, the root module that applies it is written there once, for you to keep.\n\n"
    "All files change, or none. Files that build didn't write are left alone; one that somebody edited is named,\n"
    "and replaced only with --force."
)
EXAMPLE = "  python -m generator build\n  python -m generator build --diff\n  python -m generator build --check"
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@command(DESCRIPTION, EXAMPLE)
@spec_options
@former_spec_argument
@click.option("--check", is_flag=True, help="write nothing; fail when a file is not current")
@click.option("--diff", is_flag=True, help="write nothing; show what would change")
@click.option("--force", is_flag=True, help="replace edited files too")
def run(options: Options, terminal: Terminal) -> int:
    source = read_spec(options)
    from generator.checks import (
        check_spec,  # the compiler's libraries take longer to import than most commands run
    )
    from generator.render.build import render_build
    from generator.render.build_folder import survey, write
    from generator.render.root_module import start_root_module
    from generator.render.terraform import advice

    analysis = check_spec(source)
    tests = find_tests(analysis, options.spec)
    report_files(terminal, [(source, analysis.diagnostics), *tests.files], "text")
    if analysis.lake is None or tests.has_errors:
        return 1
    folder = options.spec.parent / "build"
    found = survey(folder, render_build(analysis.lake))
    if options.diff:
        _show_differences(terminal, found)
    if options.check or options.diff:
        return _check(terminal, found) if options.check else 0
    unsafe = [change for change in found.changes if not change.is_safe]
    if unsafe and not options.force:
        return _refuse(terminal, found, unsafe)
    write(found)
    terminal.say(f"{folder}: {_summary(found)}")
    for text in advice(analysis.lake):
        terminal.note(f"note: {text}")
    root = options.spec.parent / "terraform"
    if start_root_module(root):
        terminal.say(f"{root}: a root module to apply it with; it is yours, and build never touches it again")
    return 0


def _show_differences(terminal: Terminal, found: Survey) -> None:
    for change in found.changes:
        path = str(found.folder / change.name)
        before, after = (path if one is not None else "/dev/null" for one in (change.present, change.wanted))
        contents = [one or b"" for one in (change.present, change.wanted)]
        if any(b"\0" in content for content in contents):
            terminal.print(f"Binary files {before} and {after} differ")
            continue
        present, wanted = (content.decode("utf-8", "replace").splitlines(keepends=True) for content in contents)
        for line in unified_diff(present, wanted, before, after):
            style = "bold" if line.startswith(("+++", "---")) else _STYLES.get(line[0])
            text = line.rstrip("\n")
            terminal.print(terminal.style(text, style) if style else text)


def _check(terminal: Terminal, found: Survey) -> int:
    for change in found.changes:
        terminal.error(f"{found.folder / change.name} is {change.state}")
    if found.changes:
        files = plural(found.changes, "file")
        terminal.tell(f"{found.folder} is not current ({files}): run `python -m generator build`")
    elif not found.is_recorded:
        terminal.error(f"{found.record} is not current: run `python -m generator build`")
    else:
        terminal.say(f"{found.folder}: all {plural(found.files, 'file')} are current")
    return 0 if found.is_current else 1


def _refuse(terminal: Terminal, found: Survey, unsafe: Sequence[Change]) -> int:
    for change in unsafe:
        terminal.error(f"{found.folder / change.name} is {change.state}")
    terminal.tell(
        "nothing was written. `build --diff` shows what would be lost. Put the change into pipeline.yaml,"
        " or move the file away; `build --force` replaces it"
    )
    return 1


def _summary(found: Survey) -> str:
    removed = sum(change.wanted is None for change in found.changes)
    written = len(found.changes) - removed
    gone = f", {removed} removed" if removed else ""
    return f"{written} of {plural(found.files, 'file')} changed{gone}"
