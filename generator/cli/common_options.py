"""Options that several commands have: the same words for the same things."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.command import Decorator, together
from generator.cli.value_types import FOLDER


def data_option(help: str = "the landing data (data)") -> Decorator:
    return click.option("--data", type=FOLDER, default=Path("data"), metavar="DIR", help=help)


def lake_option(help: str = "the lake folder (.lake)") -> Decorator:
    return click.option("--lake", type=FOLDER, default=Path(".lake"), metavar="DIR", help=help)


def terraform_option(help: str = "the root module (terraform)") -> Decorator:
    return click.option("--terraform", type=FOLDER, default=Path("terraform"), metavar="DIR", help=help)


def engine_option(help: str) -> Decorator:
    return click.option("--engine", type=click.Choice(("duckdb", "spark")), default="duckdb", help=help)


def format_options(*others: str) -> Decorator:
    """`--format`, of text, JSON and other forms, and `--json`: with either, stdout has the result and nothing else."""
    forms = click.Choice(("text", *others, "json"))
    return together(
        click.option("--format", type=forms, default="text", help="how the result is written (text)"),
        click.option("--json", is_flag=True, help="the same as --format json: JSON, and nothing else, on stdout"),
    )


def yes_option(help: str = "don't ask") -> Decorator:
    return click.option("--yes", is_flag=True, help=help)


def reveal_option(help: str) -> Decorator:
    return click.option("--reveal", is_flag=True, help=help)
