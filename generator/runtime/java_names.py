"""Names of Java's packages and classes, each looked up once.

Python asks the JVM for every part of `jvm.org.apache.hadoop.fs.Path`, each time that it is written, and so does pyspark
for each function of a column. What is no class by that name is looked for in hundreds of jars, once for each package
that pyspark has imported. A name takes one to two milliseconds, and jobs of many small queries ask a thousand times:
wherever Python comes to the end of a list of Java's, pyspark asks a dozen times for `py4j` to tell what that means.
"""

from __future__ import annotations

from typing import Any

from py4j.java_gateway import JavaClass, JavaPackage, JVMView
from pyspark.sql import SparkSession

LASTING = ("java", "org", "py4j", "scala")
"""Packages that stay such, whatever is imported later."""


class _Package(JavaPackage):  # type: ignore[misc]
    def __getattr__(self, name: str) -> Any:
        return _remembered(self, name, super().__getattr__(name))


_Package.__name__ = JavaPackage.__name__
"""pyspark knows by the message about a package that was called that a jar is missing."""


class _Jvm(JVMView):  # type: ignore[misc]
    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)
        return found if isinstance(found, JavaPackage) and name not in LASTING else _remembered(self, name, found)


def remember_names(spark: SparkSession) -> None:
    """Has what pyspark takes for the JVM keep the packages and classes that it was asked for."""
    jvm: Any = spark.sparkContext._jvm
    if type(jvm) is JVMView:
        jvm.__class__ = _Jvm


def _remembered(where: Any, name: str, found: Any) -> Any:
    """Puts what was found where Python looks before it asks again; a package begins to remember as well."""
    if type(found) is JavaPackage:
        found.__class__ = _Package
    if isinstance(found, (JavaPackage, JavaClass)):
        vars(where)[name] = found
    return found
