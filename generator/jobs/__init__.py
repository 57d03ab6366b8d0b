"""What each job of a lake reads, checks and publishes: the common ground of every engine, DuckDB, Spark and AWS."""
