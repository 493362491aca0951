"""The demo company: exports of a fictional software company, and the ledger that says what is true of it."""

from postsale.demo.company import UNFINISHED, write_demo

__all__ = ["UNFINISHED", "write_demo"]
