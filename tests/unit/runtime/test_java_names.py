"""What Python remembers of Java's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import require_pyspark

require_pyspark()
from py4j.java_gateway import JavaPackage, java_import  # noqa: E402
from py4j.protocol import REFL_GET_UNKNOWN_SUB_COMMAND_NAME, REFLECTION_COMMAND_NAME  # noqa: E402

from generator.runtime.java_names import remember_names  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.fixture
def jvm(spark: SparkSession) -> Any:
    remember_names(spark)
    return spark.sparkContext._jvm


def test_a_name_is_looked_up_once(jvm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found, client, asked = jvm.org.apache.hadoop.fs.Path, jvm._gateway_client, []
    send = client.send_command
    monkeypatch.setattr(client, "send_command", lambda command, *more: asked.append(command) or send(command, *more))
    assert jvm.org.apache.hadoop.fs.Path is found and asked == []
    assert jvm.java.lang.Math is jvm.java.lang.Math and 1 <= len(asked) <= 3
    assert found("/a", "b").toString() == "/a/b"
    assert jvm.java.lang.Math.max(1, 2) == 2


def test_the_end_of_a_list_of_javas_asks_for_no_name(jvm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an exception, of which pyspark asks a dozen times what it is."""
    some, client, asked = jvm.java.util.ArrayList(), jvm._gateway_client, []
    assert list(some) == []
    send = client.send_command
    monkeypatch.setattr(client, "send_command", lambda command, *more: asked.append(command) or send(command, *more))
    assert list(some) == []
    unknown = REFLECTION_COMMAND_NAME + REFL_GET_UNKNOWN_SUB_COMMAND_NAME
    assert asked and not [one for one in asked if one.startswith(unknown)]


def test_what_is_no_class_may_be_one_later(jvm: Any) -> None:
    assert isinstance(jvm.CountDownLatch, JavaPackage)
    java_import(jvm, "java.util.concurrent.CountDownLatch")
    assert jvm.CountDownLatch(3).getCount() == 3


def test_what_is_missing_is_told_in_the_words_that_pyspark_knows(jvm: Any) -> None:
    with pytest.raises(TypeError, match=r"^'JavaPackage' object is not callable$"):
        jvm.org.nobody.has.This(1)


def test_it_is_asked_for_by_each_job(jvm: Any, spark: SparkSession) -> None:
    remember_names(spark)
    remember_names(spark.newSession())
    assert spark.sparkContext._jvm is jvm
