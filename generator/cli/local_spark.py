"""What the embedded AWS runs its jobs with: the Java and the `awsglue` of local runs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import GeneratorError

if TYPE_CHECKING:
    from generator.deploy.emulator import SparkPlace


def find_spark() -> SparkPlace:
    """The local Spark, before anything is started that would need it.

    Raises:
        GeneratorError: there is no pyspark, or no Java for it.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise GeneratorError("deployed jobs run on local Spark here: pip install 'lakegen[emulate]'")
    import pyspark

    import generator.run.spark
    from generator.deploy.emulator import SparkPlace
    from generator.run.spark.class_sharing import class_sharing
    from generator.run.spark.java import find_java
    from generator.run.spark.settings import COMPILE_SOON

    java = find_java(pyspark.__version__)
    sharing = class_sharing(java, Path(pyspark.__file__).parent / "jars")
    shared = sharing.options if sharing.listed is None else ()
    stand_in = Path(generator.run.spark.__file__).parent / "stand_in"
    return SparkPlace(str(stand_in), str(java.home), (*COMPILE_SOON, *shared))
