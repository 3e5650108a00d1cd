"""Measures the register at sizes far beyond its own, beside what a reader could use instead: `make bench`."""
