"""Synthetic cards and scenes for tests, benchmarks and training; never imported at run time."""
