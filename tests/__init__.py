"""Promises of the warehouse, by kind: golden answers, gates, dirt, and the program around them."""

from __future__ import annotations

import sys


def look_like_a_program() -> None:
    """Great Expectations imports pyspark, which ends a process whose main module has no file (as a pytest worker's): it takes it for a doctest."""
    sys.modules["__main__"].__file__ = __file__
