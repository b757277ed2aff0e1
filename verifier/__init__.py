"""Check a claim against what other news outlets say, and label how they say it."""

__version__ = "0.1.0"
