"""What keeps the tables of a lake folder up to date, on DuckDB and on local Spark.

The method is in `generator/runtime/maintenance`. This is what it works with here:

    duckdb_engine, spark_engine    the engines, and how they write files
    folder_files                   where those are
    folder_store                   which versions the folder has
"""
