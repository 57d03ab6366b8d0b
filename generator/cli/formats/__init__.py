"""Diagnostics as text, JSON and SARIF, and the explanation of a code. Each module returns a string."""
