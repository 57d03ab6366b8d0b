"""The sample gives the reference lake's counts, at any scale and seed, and reports them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator.sample import SampleReport

Query = Callable[[str], list[tuple[object, ...]]]

REFERENCE = {
    "customer_landing": 956,
    "accelerometer_landing": 81_273,
    "step_trainer_landing": 28_680,
    "customer_trusted": 482,
    "accelerometer_trusted": 40_981,
    "step_trainer_trusted": 14_460,
    "customers_curated": 482,
    "machine_learning_curated": 43_681,
}


@pytest.mark.parametrize("table", REFERENCE)
def test_rows_of_every_table(query: Query, sample: SampleReport, table: str) -> None:
    assert query(f"SELECT count(*) FROM {table}") == [(REFERENCE[table] * sample.scale,)]
    assert sample.expected[table] == REFERENCE[table] * sample.scale


def test_rows_since_consent(query: Query, sample: SampleReport) -> None:
    sql = """SELECT count(*) FROM accelerometer_trusted
        JOIN customer_trusted ON user = email AND timestamp >= shareWithResearchAsOfDate"""
    assert query(sql) == [(32_025 * sample.scale,)]
    assert sample.readings_since_consent == 32_025 * sample.scale


def test_some_consent_falls_on_the_time_of_a_reading(query: Query) -> None:
    sql = """SELECT count(*) > 0 FROM accelerometer_trusted
        JOIN customer_trusted ON user = email AND timestamp = shareWithResearchAsOfDate"""
    assert query(sql) == [(True,)]


def test_rows_that_mix_two_people(query: Query, sample: SampleReport) -> None:
    sql = """SELECT count(*), count(*) FILTER (ml.serialNumber <> own.serialNumber)
        FROM machine_learning_curated AS ml JOIN customer_landing AS own ON user = email"""
    assert query(sql) == [(43_681 * sample.scale, 2_700 * sample.scale)]
    assert sample.mixed_rows == 2_700 * sample.scale


def test_people_without_consent_share_times_with_people_who_gave_it(query: Query) -> None:
    """So a lake that forgets to filter one side gives other counts."""
    unfiltered = """SELECT count(*) FROM accelerometer_landing
        JOIN step_trainer_trusted ON timestamp = sensorReadingTime"""
    assert query(f"SELECT ({unfiltered}) > (SELECT count(*) FROM machine_learning_curated)") == [(True,)]


def test_nobody_shares_a_time_with_another_cohort(query: Query) -> None:
    sql = """SELECT count(*) FROM (
        SELECT sensorReadingTime FROM step_trainer_landing GROUP BY 1 HAVING count(*) > 2)"""
    assert query(sql) == [(0,)]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("customer_landing", "email"),
        ("customer_landing", "serialNumber"),
        ("step_trainer_landing", "(serialNumber, sensorReadingTime)"),
        ("accelerometer_landing", "(user, timestamp, x, y, z)"),
    ],
)
def test_keys_are_unique(query: Query, table: str, key: str) -> None:
    assert query(f"SELECT count(*) - count(DISTINCT {key}) FROM {table}") == [(0,)]


def test_every_person_has_30_evenly_spaced_steps(query: Query) -> None:
    gap = """sensorReadingTime - lag(sensorReadingTime)
        OVER (PARTITION BY serialNumber ORDER BY sensorReadingTime)"""
    sql = f"""SELECT DISTINCT steps, gaps FROM (
        SELECT count(*) AS steps, count(DISTINCT gap) AS gaps
        FROM (SELECT serialNumber, {gap} AS gap FROM step_trainer_landing) GROUP BY serialNumber)"""
    assert query(sql) == [(30, 1)]


def test_every_reading_and_step_belongs_to_a_customer(query: Query) -> None:
    readings = "SELECT count(*) FROM accelerometer_landing ANTI JOIN customer_landing ON user = email"
    steps = "SELECT count(*) FROM step_trainer_landing ANTI JOIN customer_landing USING (serialNumber)"
    assert query(readings) == query(steps) == [(0,)]


def test_dates_are_in_order(query: Query) -> None:
    sql = """SELECT count(*) FROM customer_landing
        WHERE NOT (registrationDate <= lastUpdateDate AND lastUpdateDate <= now().epoch_ms())
            OR shareWithResearchAsOfDate <> lastUpdateDate"""
    assert query(sql) == [(0,)]


def test_values_are_in_the_ranges_of_the_reference(query: Query) -> None:
    motions = "SELECT min(x), max(x), min(y), max(y), min(z), max(z) FROM accelerometer_landing"
    distances = "SELECT min(distanceFromObject), max(distanceFromObject) FROM step_trainer_landing"
    assert query(motions) == [(-1.0, 1.0, -1.0, 1.0, -1.0, 0.0)]
    assert query(distances) == [(201, 300)]


def test_all_combinations_of_shared_data_occur(sample: SampleReport, query: Query) -> None:
    path = f"{sample.directory}/customer/landing/*.json"
    objects = f"read_json_objects('{path}', format = 'newline_delimited')"
    sql = f"SELECT count(DISTINCT json_keys(json)) FROM {objects}"
    assert query(sql) == [(8,)]
