"""What the embedded AWS makes of the settings that jobs ask Glue's Spark for, and where its Iceberg comes from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from generator.cli.local_spark import find_spark
from generator.cli.main import main
from generator.deploy.emulator.spark import job_settings

CONF = (
    "spark.a=b=c --conf spark.sql.catalog.glue_catalog=org.apache.iceberg.spark.SparkCatalog"
    " --conf spark.sql.catalog.glue_catalog.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog"
    " --conf spark.sql.catalog.glue_catalog.io-impl=org.apache.iceberg.aws.s3.S3FileIO"
)
OF = "spark.sql.catalog.glue_catalog"


def test_the_catalog_of_glue_is_another_here() -> None:
    found = job_settings(["--x", "y", "--datalake-formats", "iceberg", "--conf", CONF], "/i.jar", "http://here")
    assert found == {
        "spark.a": "b=c",
        OF: "org.apache.iceberg.spark.SparkCatalog",
        f"{OF}.type": "rest",
        f"{OF}.uri": "http://here",
        f"{OF}.rest-metrics-reporting-enabled": "false",
        f"{OF}.io-impl": "org.apache.iceberg.hadoop.HadoopFileIO",
        "spark.jars": "/i.jar",
    }


def test_a_job_that_asks_for_no_iceberg_gets_none() -> None:
    assert job_settings(["--conf", CONF], "/i.jar", "http://here") == {"spark.a": "b=c"}
    assert job_settings([], "/i.jar", "http://here") == {}


def test_what_maven_calls_it_is_fetched() -> None:
    found = job_settings(["--datalake-formats", "hudi,iceberg"], "org:name:1", "http://here")
    assert found == {"spark.jars.packages": "org:name:1"}


@pytest.fixture
def spark(need: Callable[[object, str], None]) -> str:
    """The version of pyspark here."""
    need(find_spec("pyspark") and shutil.which("java"), "local Spark needs pyspark and Java 17")
    import pyspark

    return str(pyspark.__version__)


@pytest.mark.spark
def test_iceberg_goes_with_the_version_of_spark(spark: str) -> None:
    scala, version = "2.12" if spark < "4" else "2.13", ".".join(spark.split(".")[:2])
    assert find_spark().iceberg.startswith(f"org.apache.iceberg:iceberg-spark-runtime-{version}_{scala}:")


@pytest.mark.spark
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--iceberg", "nowhere.jar"], "--iceberg nowhere.jar: there is no such file"),
        (["--spark-python", __file__], "is no Python with pyspark and boto3: pip install pyspark boto3"),
    ],
)
def test_what_is_missing_is_told(options: list[str], said: str, spark: str, capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(Path(__file__).parents[3] / "pipeline.yaml")
    assert main(["emulate", "--spec", spec, *options]) == 1
    assert said in " ".join(capsys.readouterr().err.split())
