"""One command a module: `configure` declares its arguments, `run` does it and returns the exit code."""
