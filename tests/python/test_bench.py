"""``make bench`` measures, and what it compares is equal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import bench


def test_the_benchmark_runs_and_both_peers_give_the_warehouses_own_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["bench", "--sizes", "12,24", "--months", "14", "--folder", str(tmp_path)]
    )
    bench.main()
    printed = capsys.readouterr().out
    answers = re.findall(
        r"^ *(12|24) × 14 +(Postsale|plain SQL|pandas) +[\d.]+ +([\d,]+) +[\d,]+ +([\d,]+)$",
        printed,
        re.MULTILINE,
    )
    assert len(answers) == 6, printed
    assert all(int(rows.replace(",", "")) > 100 and unequal == "0" for _, _, rows, unequal in answers), (
        printed
    )
    assert re.search(r"^ *12 → 24 +[\d.-]+ +[\d.-]+ +[\d.-]+$", printed, re.MULTILINE), printed
