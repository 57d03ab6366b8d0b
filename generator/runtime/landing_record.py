"""Which landing files the rows of a source's snapshot are of: a text in a Puffin file, which belongs to the snapshot.

Iceberg keeps such files as long as their snapshot, and removes them with it; who doesn't know what is in one passes by.
The format: https://iceberg.apache.org/puffin-spec/
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

BLOB = "lake-landing-files-v1"


def attach(jvm: Any, table: Any, change: Any, snapshot: int, text: str) -> None:
    """Writes the record of a snapshot that is about to be published.

    Args:
        table: Iceberg's own.
        change: the transaction that publishes it.
    """
    path = f"{table.location()}/metadata/{uuid4()}.stats"
    puffin = jvm.org.apache.iceberg.puffin
    writer = puffin.Puffin.write(table.io().newOutputFile(path)).createdBy("lake").build()
    try:
        number = table.snapshot(snapshot).sequenceNumber()
        data = jvm.java.nio.ByteBuffer.wrap(text.encode())
        nothing = jvm.java.util.ArrayList(), jvm.java.util.HashMap()
        zstd = puffin.PuffinCompressionCodec.ZSTD
        writer.add(puffin.Blob(BLOB, nothing[0], snapshot, number, data, zstd, nothing[1]))
        writer.finish()
        blobs = jvm.java.util.ArrayList()
        for blob in writer.writtenBlobsMetadata():
            blobs.add(getattr(jvm.org.apache.iceberg.GenericBlobMetadata, "from")(blob))
        size, footer = writer.fileSize(), writer.footerSize()
    finally:
        writer.close()
    file = jvm.org.apache.iceberg.GenericStatisticsFile(snapshot, path, size, footer, blobs)
    change.updateStatistics().setStatistics(file).commit()


def attached(jvm: Any, table: Any, snapshot: int) -> str:
    """The record of a snapshot; nothing if there is none, or it can't be read."""
    for file in table.statisticsFiles():
        if file.snapshotId() == snapshot and any(blob.type() == BLOB for blob in file.blobMetadata()):
            return _text(jvm, table, file)
    return ""


def _text(jvm: Any, table: Any, file: Any) -> str:
    reader = jvm.org.apache.iceberg.puffin.Puffin.read(table.io().newInputFile(file.path())).build()
    try:
        blobs = jvm.java.util.ArrayList()
        for blob in reader.fileMetadata().blobs():
            if blob.type() == BLOB:
                blobs.add(blob)
        found = reader.readAll(blobs).iterator()
        data: bytes = bytes(jvm.org.apache.iceberg.util.ByteBuffers.toByteArray(found.next().second()))
        return data.decode()
    finally:
        reader.close()
