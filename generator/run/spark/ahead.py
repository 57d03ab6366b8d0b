"""Proves landing data while scripts run: a proof needs the workers, while the driver plans a script's next query.

In the one JVM of a local run a script finds proven what was proven before, or waits for the proof that is under way.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING

from generator.plan.lake import CompiledLake
from generator.run.spark.plain_lines import PlainFiles
from generator.run.spark.settings import AHEAD
from generator.runtime.rules import ProvenFiles

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def proving_ahead(
    session: SparkSession, lake: CompiledLake, sources: Sequence[str], landing_root: str, plain: PlainFiles
) -> Iterator[None]:
    """Proves JSON sources, one after the other, until all are or whatever goes on meanwhile is over.

    What goes wrong is left to the script that reads the source.

    Args:
        plain: files of which nothing is left to prove.
    """
    modules = ("lake.landing", "lake.lake", "lake.background", "lake.options")
    landing, runtime, background, options = map(importlib.import_module, modules)
    context, over = session.sparkContext, Event()
    proving = session.newSession()
    for key, value in runtime.SETTINGS.items():
        proving.conf.set(key, value)

    def known(source: str) -> ProvenFiles:
        found = plain.of(source)
        if over.is_set():
            raise InterruptedError
        return found

    def prove() -> None:
        context.setLocalProperty("spark.scheduler.pool", AHEAD)
        for source in (lake.sources[name] for name in sources):
            if over.is_set():
                return
            if source.format == "json" and not (source.options.cuts_documents or source.options.partitions):
                context.setJobGroup(AHEAD, f"{source.name}: prove")
                with suppress(Exception):
                    landing.prove_json(
                        proving, landing_root, source.name,
                        path=source.paths,
                        columns={column.name: str(column.type) for column in source.columns},
                        keys={column.name: column.key for column in source.columns if column.key != column.name},
                        formats={one.name: one.spelling.given() for one in source.columns},
                        options=options.ReadOptions.of(source.options.given()),
                    )  # fmt: skip

    with landing.proving_elsewhere(known):
        proofs = background.in_background(prove)
        try:
            yield
        finally:
            over.set()
            if not proofs.done():
                with suppress(Exception):
                    context.cancelJobGroup(AHEAD)
