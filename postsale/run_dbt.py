"""dbt's command line, as ``postsale build`` starts it: a log that cannot be written does not bury dbt's own messages."""

from __future__ import annotations

import logging

from dbt.cli.main import cli

if __name__ == "__main__":
    logging.raiseExceptions = False  # else a traceback for every line that finds the disk full
    cli()
