"""Glue Studio jobs to tables of a spec: read a job as a graph of nodes, compose the jobs, convert what they write."""
