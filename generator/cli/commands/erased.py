"""`erased`: where a person still is, until it is nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import data_option, format_options, lake_option
from generator.cli.deployed import deployment_options, find_deployment
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.value_types import FILE
from generator.diagnostics import GeneratorError, SpecError
from generator.printable import json_text

if TYPE_CHECKING:
    from generator.erasure.certificate import About
    from generator.erasure.finding import Search
    from generator.erasure.person import Named
    from generator.plan.lake import CompiledLake

_FOLDERS, _DEPLOYMENT = ("data", "lake"), ("terraform", "region", "database", "workgroup")
"""Options that go with a search in folders, and with one on AWS, alone."""
DESCRIPTION = (
    "Looks into every file of the landing folder and of the lake folder: landing files, rows of sources,\n"
    "quarantined lines, tables, kept versions, reports and logs. Says where a person still is and what makes them go.\n"
    "Where that is nowhere, it writes a certificate, which has hashes of the keys and no value. Other keys of the\n"
    "person are looked for as far as rows of theirs tell them; name several where the registry has forgotten them.\n"
    "It looks at this machine's folders alone: no backup, no copy that somebody made. With --deployed it looks at the\n"
    "lake on AWS instead, and nowhere else: Athena is asked for every snapshot of every table, and for landing data."
)
EXAMPLE = (
    "  python -m generator erased customer.email=ada@example.com\n"
    "  python -m generator erased customer.email=ada@example.com \\\n"
    "      customer.serialnumber=5f1c… --json\n"
    "  python -m generator erased customer.email=ada@example.com --deployed"
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
@click.option("--deployed", is_flag=True, help="look at the lake on AWS")
@deployment_options("database", "workgroup")
@format_options()
@click.option("--schema", is_flag=True, help="print the JSON Schema of certificates, and do no more")
def run(options: Options, terminal: Terminal) -> int:
    from generator.erasure.certificate import certificate, schema

    if options.schema:
        terminal.print(schema().rstrip())
        return 0
    _require_one_place(options)
    if not options.who:
        raise GeneratorError("name somebody: python -m generator erased customer.email=ada@example.com")
    source = read_spec(options)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run
    from generator.cli.erased_view import format_search
    from generator.erasure.person import parse_person

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
    look = _on_aws if options.deployed else _in_folders
    found, about = look(options, lake, who, source.whole, now, lambda text: terminal.show_live(f"{text} …"))
    terminal.clear_live()
    told = certificate(found, about)
    if found.erased:
        with output.open("x", encoding="utf-8") as file:
            file.write(json.dumps(told, indent=1) + "\n")
    terminal.print(json_text(told) if options.json else format_search(terminal, found, output))
    return 0 if found.erased else 1


def _require_one_place(options: Options) -> None:
    context = click.get_current_context()
    for name in _FOLDERS if options.deployed else _DEPLOYMENT:
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            where = "this machine's folders, and --deployed looks at AWS" if options.deployed else "--deployed"
            raise click.UsageError(f"--{name} goes with {where}", context)


def _in_folders(
    options: Options, lake: CompiledLake, who: list[Named], spec: str, now: datetime, told: Callable[[str], None]
) -> tuple[Search, About]:
    from generator.erasure.certificate import About
    from generator.run.build_program import build_program
    from generator.run.erasure.search import search
    from generator.run.lake_folder import LakeFolder

    program, folder = build_program(lake), LakeFolder(options.lake)
    found = search(lake, program, options.data, folder, who, told, options.since)
    return found, About(lake.name, spec, str(options.data), str(options.lake), now)


def _on_aws(
    options: Options, lake: CompiledLake, who: list[Named], spec: str, now: datetime, told: Callable[[str], None]
) -> tuple[Search, About]:
    from generator.deploy.erasure.search import search
    from generator.erasure.certificate import About

    deployment, aws = find_deployment(options, "database", "workgroup")
    assert deployment.database is not None and deployment.workgroup is not None
    found, landing = search(aws, deployment.workgroup, deployment.database, lake, who, told, options.since)
    return found, About(lake.name, spec, landing, "", now, deployment.database)


def _new_file(name: str) -> Path:
    names = (f"{name}-{number}.json" if number else f"{name}.json" for number in count())
    return next(path for path in map(Path, names) if not path.exists())
