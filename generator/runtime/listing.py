"""What a reader of Spark found: the files with size and time, asked of the JVM in a few calls."""

from __future__ import annotations

from typing import Any, NamedTuple

from pyspark.sql import DataFrame

_END = "\0"


class FileState(NamedTuple):
    """What tells the content of a file from an earlier one: its bytes, and when it was modified (ms since 1970)."""

    size: int
    modified: int


def found_files(rows: DataFrame) -> dict[str, FileState]:
    """The files that a reader is about to read, by URI as `_metadata.file_path` has it.

    Nothing but path, size and time is asked: S3A describes the same file in other words when it lists it another way.
    """
    context = rows.sparkSession.sparkContext
    jvm: Any = context._jvm
    statuses = rows._jdf.queryExecution().analyzed().relation().location().allFiles()
    files = jvm.scala.collection.JavaConverters.seqAsJavaList(statuses)
    if files.isEmpty():
        return {}
    uris, sizes, times = (
        _each(context, files, *path) for path in (("getPath", "toUri"), ("getLen",), ("getModificationTime",))
    )
    states = (FileState(int(size), int(time)) for size, time in zip(sizes, times, strict=True))
    return dict(zip(uris, states, strict=True))


def _each(context: Any, files: Any, *getters: str) -> list[str]:
    """What getters, one called on the result of the other, give for each file, as text.

    The JVM goes through the files: asking for each of thousands from here takes longer than listing them.
    """
    java = context._jvm.java
    lookup = java.lang.invoke.MethodHandles.publicLookup()
    function = java.lang.Class.forName("java.util.function.Function")
    no_arguments = context._gateway.new_array(java.lang.Class, 0)

    def mapped(values: Any, method: Any) -> Any:
        return values.map(java.lang.invoke.MethodHandleProxies.asInterfaceInstance(function, lookup.unreflect(method)))

    kind, values = java.lang.Class.forName("org.apache.hadoop.fs.FileStatus"), files.stream()
    for getter in getters:
        method = kind.getMethod(getter, no_arguments)
        kind, values = method.getReturnType(), mapped(values, method)
    texts = mapped(values, java.lang.Class.forName("java.lang.Object").getMethod("toString", no_arguments))
    return str(texts.collect(java.util.stream.Collectors.joining(_END))).split(_END)
