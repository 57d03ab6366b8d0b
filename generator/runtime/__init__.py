"""What the jobs share, on Glue and here. It ships with them, so it imports nothing but itself, Python and Spark.

`build` puts the modules beside the jobs, where they import each other by name.
"""
