"""The one thing of Glue's context that the scripts use: a Spark session."""

from pyspark import SparkContext
from pyspark.sql import SparkSession


class GlueContext:
    """Gives each script a session of its own, so that no view or setting leaks into the next one."""

    def __init__(self, sparkContext: SparkContext) -> None:
        self.spark_session: SparkSession = SparkSession(sparkContext).newSession()
