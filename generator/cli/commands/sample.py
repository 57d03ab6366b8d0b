"""`sample`: landing data to try the reference lake with."""

from __future__ import annotations

import click

from generator.cli.command import Options, Run, command
from generator.cli.terminal import Terminal
from generator.cli.value_types import FOLDER
from generator.runtime.words import plural

DESCRIPTION = (
    "Writes made-up customers, accelerometer and step trainer readings that give exactly the row counts of the\n"
    "reference lake, times the scale. Dirt is added to the good lines, so that quarantine has something to do."
)
EXAMPLE = (
    "  python -m generator sample data\n"
    "  python -m generator sample big --scale 100\n"
    "  python -m generator sample dirty --dirt 5"
)

_LINES = {
    "broken": "lines that end in the middle",
    "two_objects": "lines with two objects",
    "wrong_type": "lines with a string where a number belongs",
    "long_number": "lines with a number beyond 64 bits",
    "drifted_keys": "lines whose keys are in another case",
    "extra_keys": "records with a key more",
    "duplicates": "exact copies of good lines",
}
_FILES = {
    "bom": "begin the last file of each table with a byte order mark",
    "crlf": "end its lines as Windows does",
    "gzip": "compress it",
    "no_final_newline": "leave out its last line end",
    "empty_file": "add an empty file to each table",
}


def _dirt_options(run: Run) -> Run:
    for name, help in reversed(_FILES.items()):
        run = click.option(f"--{name.replace('_', '-')}", is_flag=True, help=f"dirt: {help}")(run)
    for name, help in reversed(_LINES.items()):
        run = click.option(f"--{name.replace('_', '-')}", type=int, default=0, metavar="N", help=f"dirt: {help}")(run)
    return run


@command(DESCRIPTION, EXAMPLE)
@click.argument("dir", type=FOLDER, help="where the landing folders go")
@click.option("--scale", type=int, default=1, metavar="N", help="so many times 956 customers (1)")
@click.option("--seed", type=int, default=42, metavar="N", help="another seed, other people (42)")
@click.option("--force", is_flag=True, help="replace landing folders that `sample` didn't write")
@click.option("--dirt", type=int, default=0, metavar="N", help="N lines of every kind below, in awkward files")
@_dirt_options
def run(options: Options, terminal: Terminal) -> int:
    from generator.sample.counts import Dirt
    from generator.sample.write import write_sample

    given = {name: getattr(options, name) for name in (*_LINES, *_FILES) if getattr(options, name)}
    dirt = Dirt.of_every_kind(options.dirt) if options.dirt and not given else Dirt(**given)
    report = write_sample(options.dir, scale=options.scale, seed=options.seed, dirt=dirt, force=options.force)
    size = report.bytes / 1e6
    rows = sum(report.rows.values()) + sum(report.quarantined.values())
    terminal.say(f"{options.dir}: {plural(rows, 'line')} in {plural(report.files, 'file')}, {size:,.1f} MB")
    if any(report.quarantined.values()):
        each = next(iter(report.quarantined.values()))
        terminal.say(
            f"of these, {plural(each, 'line of each table belongs', 'lines of each table belong')} into quarantine"
        )
    return 0
