"""Objects of the embedded S3, as pyiceberg reads and writes files."""

from __future__ import annotations

import io
from typing import Any

import boto3
from pyiceberg.io import FileIO, InputFile, OutputFile


def place(location: str) -> dict[str, str]:
    bucket, _, key = location.split("://", 1)[1].partition("/")
    return {"Bucket": bucket, "Key": key}


class Written(io.BytesIO):
    """Becomes an object when it is closed."""

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location

    def close(self) -> None:
        if not self.closed:
            boto3.client("s3").put_object(**place(self.location), Body=self.getvalue())
        super().close()


class Object(InputFile, OutputFile):
    def __len__(self) -> int:
        return int(boto3.client("s3").head_object(**place(self.location))["ContentLength"])

    def exists(self) -> bool:
        found = boto3.client("s3").list_objects_v2(
            Bucket=place(self.location)["Bucket"], Prefix=place(self.location)["Key"]
        )
        return bool(found["KeyCount"])

    def open(self, seekable: bool = True) -> Any:
        return io.BytesIO(boto3.client("s3").get_object(**place(self.location))["Body"].read())

    def create(self, overwrite: bool = False) -> Any:
        return Written(self.location)

    def to_input_file(self) -> Object:
        return self


class Objects(FileIO):
    def new_input(self, location: str) -> Object:
        return Object(location)

    def new_output(self, location: str) -> Object:
        return Object(location)

    def delete(self, location: Any) -> None:
        boto3.client("s3").delete_object(**place(location if isinstance(location, str) else location.location))
