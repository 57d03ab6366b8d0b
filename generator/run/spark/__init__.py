"""The lake on local Spark: the scripts that AWS Glue runs, as they are, in one JVM."""
