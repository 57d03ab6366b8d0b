"""Tests with rows, run: a lake of a few rows in memory, and what comes out of it compared with what was expected.

CompiledTest → duckdb | spark → rows of each table → compare → TestResult
"""
