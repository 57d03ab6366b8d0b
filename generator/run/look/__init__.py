"""Looking at what a lake folder holds: queries on its current versions, which change nothing and read nothing else.

text → plan.sql.asked, with the labels of every column → on DuckDB over the files of the versions → rows, masked
"""
