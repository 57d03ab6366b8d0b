"""A stand-in for `awsglue` on local Spark: DynamicFrames by their documented rules, to run Glue scripts in tests."""
