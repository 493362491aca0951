"""Runs one command, its output into a log, and prints what it and its children took as JSON."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path


def main() -> int:
    log, *command = sys.argv[1:]
    began = time.monotonic()
    with Path(log).open("w") as output:
        returned = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    per_unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    print(
        json.dumps(
            {"wall": wall, "processor": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss * per_unit}
        )
    )
    return returned


if __name__ == "__main__":
    sys.exit(main())
