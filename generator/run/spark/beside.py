"""Makes the sources beside the tables: while the driver plans a table's query, the workers decode the next source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING

from generator.run.program import SourceProgram
from generator.run.report import TableReport
from generator.run.spark.settings import SOURCES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Make = Callable[[SourceProgram], TableReport]
_PATIENCE = 10
"""Seconds that a source gets to end when the run does before it."""


@contextmanager
def beside(session: SparkSession, sources: Sequence[SourceProgram], make: Make) -> Iterator[Make]:
    """Makes sources one after the other in a thread; gives what waits for one of them."""
    from pyspark import InheritableThread

    context, over = session.sparkContext, Event()
    made: dict[str, Future[TableReport]] = {source.name: Future() for source in sources}

    def work() -> None:
        context.setLocalProperty("spark.scheduler.pool", SOURCES)
        for source in sources:
            if over.is_set():
                return
            try:
                made[source.name].set_result(make(source))
            except BaseException as error:
                made[source.name].set_exception(error)
                return

    thread = InheritableThread(target=work, daemon=True)
    thread.start()
    try:
        yield lambda source: made[source.name].result()
    finally:
        over.set()
        if thread.is_alive():
            with suppress(Exception):
                context.cancelAllJobs()
            thread.join(_PATIENCE)
