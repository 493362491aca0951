"""The demo company: exports of a fictional software company, and the ledger that says what is true of it."""

from postsale.demo.company import SYSTEMS, UNFINISHED, write_demo

__all__ = ["SYSTEMS", "UNFINISHED", "write_demo"]
