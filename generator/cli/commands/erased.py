"""`erased`: where a person still is, until it is nowhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import click

from generator.cli.command import Options, command
from generator.cli.common_options import data_option, format_options, lake_option
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.value_types import FILE
from generator.diagnostics import GeneratorError, SpecError
from generator.printable import json_text

DESCRIPTION = (
    "Looks into every file of the landing folder and of the lake folder: landing files, rows of sources,\n"
    "quarantined lines, tables, kept versions, reports and logs. Says where a person still is and what makes them go.\n"
    "Where that is nowhere, it writes a certificate, which has hashes of the keys and no value. Other keys of the\n"
    "person are looked for as far as rows of theirs tell them; name several where the registry has forgotten them.\n"
    "It looks at this machine's folders alone: nothing on AWS, no backup, no copy that somebody made."
)
EXAMPLE = (
    "  python -m generator erased customer.email=ada@example.com\n"
    "  python -m generator erased customer.email=ada@example.com \\\n"
    "      customer.serialnumber=5f1c… --json"
)


@command(DESCRIPTION, EXAMPLE)
@click.argument("who", nargs=-1, metavar="SUBJECT.KEY=VALUE...", help="the person; several are keys of the same")
@spec_options
@data_option()
@lake_option("where the tables are (.lake)")
@click.option(
    "--output", type=FILE, metavar="FILE", help="the certificate (erased-LAKE-TIME.json); it mustn't be there yet"
)
@click.option(
    "--since", default="", metavar="RUN", help="say that runs from this one on read landing data without them"
)
@format_options()
@click.option("--schema", is_flag=True, help="print the JSON Schema of certificates, and do no more")
def run(options: Options, terminal: Terminal) -> int:
    from generator.erasure.certificate import About, certificate, schema

    if options.schema:
        terminal.print(schema().rstrip())
        return 0
    if not options.who:
        raise GeneratorError("name somebody: python -m generator erased customer.email=ada@example.com")
    source = read_spec(options)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run
    from generator.cli.erased_view import format_search
    from generator.erasure.person import parse_person
    from generator.run.build_program import build_program
    from generator.run.erasure.search import search
    from generator.run.lake_folder import LakeFolder

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    lake, now = analysis.lake, datetime.now(UTC)
    output = options.output or _new_file(f"erased-{lake.name}-{now:%Y%m%dT%H%M%S}")
    if output.exists():
        raise GeneratorError(f"{output} is there already: name another file with --output")
    if not output.parent.is_dir():
        raise GeneratorError(f"there is no folder {output.parent} for the certificate")
    who = [parse_person(text, lake) for text in options.who]
    program, folder = build_program(lake), LakeFolder(options.lake)
    found = search(
        lake, program, options.data, folder, who, lambda text: terminal.show_live(f"{text} …"), options.since
    )
    terminal.clear_live()
    about = About(lake.name, source.whole, str(options.data), str(options.lake), now)
    told = certificate(found, about)
    if found.erased:
        with output.open("x", encoding="utf-8") as file:
            file.write(json.dumps(told, indent=1) + "\n")
    terminal.print(json_text(told) if options.json else format_search(terminal, found, output))
    return 0 if found.erased else 1


def _new_file(name: str) -> Path:
    names = (f"{name}-{number}.json" if number else f"{name}.json" for number in count())
    return next(path for path in map(Path, names) if not path.exists())
