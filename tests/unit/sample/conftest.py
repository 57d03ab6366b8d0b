from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pytest

from generator.sample import SampleReport, write_sample

COLUMNS = {
    "customer": {
        "customerName": "VARCHAR",
        "email": "VARCHAR",
        "phone": "VARCHAR",
        "birthDay": "VARCHAR",
        "serialNumber": "VARCHAR",
        "registrationDate": "BIGINT",
        "lastUpdateDate": "BIGINT",
        "shareWithResearchAsOfDate": "BIGINT",
    },
    "accelerometer": {"user": "VARCHAR", "timestamp": "BIGINT", "x": "DOUBLE", "y": "DOUBLE", "z": "DOUBLE"},
    "step_trainer": {
        "sensorReadingTime": "BIGINT",
        "serialNumber": "VARCHAR",
        "distanceFromObject": "INTEGER",
    },
}

RULES = """
    CREATE VIEW customer_trusted AS FROM customer_landing WHERE shareWithResearchAsOfDate IS NOT NULL;
    CREATE VIEW accelerometer_trusted AS
        FROM accelerometer_landing SEMI JOIN customer_trusted ON user = email;
    CREATE VIEW customers_curated AS FROM customer_trusted SEMI JOIN accelerometer_trusted ON email = user;
    CREATE VIEW step_trainer_trusted AS
        FROM step_trainer_landing SEMI JOIN customers_curated USING (serialNumber);
    CREATE VIEW machine_learning_curated AS
        SELECT accelerometer.*, step.*
        FROM (FROM accelerometer_trusted SEMI JOIN customers_curated ON user = email) AS accelerometer
        JOIN step_trainer_trusted AS step ON timestamp = sensorReadingTime;
"""

Query = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="session", params=[(1, 42), (1, 7), (3, 42)], ids=["1x", "1x seed 7", "3x"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SampleReport:
    scale, seed = request.param
    return write_sample(tmp_path_factory.mktemp("sample") / "data", scale=scale, seed=seed)


@pytest.fixture(scope="session")
def query(sample: SampleReport) -> Iterator[Query]:
    """Runs SQL over the sample's landing tables and the reference lake's views."""
    with duckdb.connect() as connection:
        for stem, columns in COLUMNS.items():
            path = f"{sample.directory}/{stem}/landing/*.json"
            reader = f"read_json('{path}', format = 'newline_delimited', columns = {columns})"
            connection.execute(f"CREATE TABLE {stem}_landing AS FROM {reader}")
        connection.execute(RULES)
        yield lambda sql: connection.execute(sql).fetchall()
