"""The five tables of the reference lake by hand: DuckDB, landing JSON to zstd Parquet, nothing checked.

    python benchmarks/hand_written.py DATA OUT

What one would write without a tool: typed views over the landing files, and one COPY a table that reads the
Parquet of those before it. Nothing notices a number in quotes, a key in another case or a table gone wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

SOURCES = {
    "customer": """
        customerName: 'VARCHAR', email: 'VARCHAR', phone: 'VARCHAR', birthDay: 'VARCHAR',
        serialNumber: 'VARCHAR', registrationDate: 'BIGINT', lastUpdateDate: 'BIGINT',
        shareWithResearchAsOfDate: 'BIGINT', shareWithPublicAsOfDate: 'BIGINT',
        shareWithFriendsAsOfDate: 'BIGINT'
    """,
    "accelerometer": "user: 'VARCHAR', timestamp: 'BIGINT', x: 'DOUBLE', y: 'DOUBLE', z: 'DOUBLE'",
    "step_trainer": "sensorReadingTime: 'BIGINT', serialNumber: 'VARCHAR', distanceFromObject: 'INTEGER'",
}

TABLES = {
    "customer_trusted": "SELECT * FROM customer_landing WHERE shareWithResearchAsOfDate IS NOT NULL",
    "accelerometer_trusted": """
        SELECT a.* FROM accelerometer_landing a SEMI JOIN customer_trusted c ON a.user = c.email
    """,
    "customers_curated": """
        SELECT c.* FROM customer_trusted c SEMI JOIN accelerometer_trusted a ON c.email = a.user
    """,
    "step_trainer_trusted": """
        SELECT s.* FROM step_trainer_landing s
        SEMI JOIN customers_curated c ON s.serialNumber = c.serialNumber
    """,
    "machine_learning_curated": """
        SELECT a.timestamp, a.x, a.y, a.z, s.sensorReadingTime, s.serialNumber, s.distanceFromObject
        FROM accelerometer_trusted a
        SEMI JOIN customers_curated c ON a.user = c.email
        JOIN step_trainer_trusted s ON a.timestamp = s.sensorReadingTime
    """,
}


def main(data: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for name, columns in SOURCES.items():
        files = f"'{data}/{name}/landing/*.json', format = 'newline_delimited', columns = {{{columns}}}"
        connection.execute(f"CREATE VIEW {name}_landing AS FROM read_json({files})")
    for name, query in TABLES.items():
        file = out / f"{name}.parquet"
        connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
        (rows,) = connection.fetchone() or (0,)
        connection.execute(f"CREATE VIEW {name} AS FROM '{file}'")
        print(f"{name}: {rows:,} rows")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
