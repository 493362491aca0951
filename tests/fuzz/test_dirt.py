"""Whatever is wrong in a file, nobody else's numbers change, and what is set aside is named."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from postsale.landing import LandingError, land
from tests.fuzz.company import FLAVOURS, Numbers, company
from tests.fuzz.judge import Case, broken_promises, build, clean_numbers
from tests.fuzz.mutations import ERRORS, KINDS, Draw
from tests.harness import PROJECT

#: A few hundred by default; `make fuzz` asks for ten thousand.
CASES = int(os.environ.get("POSTSALE_FUZZ_CASES", "300"))
IS_LONG_RUN = CASES > 1000

SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=not IS_LONG_RUN,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)

ran: Counter[str] = Counter()


@st.composite
def dirty_companies(draw: Any) -> list[Case]:
    """One case of nearly every kind; hypothesis leaves out those that a failure does not need."""
    cases = []
    for number, (name, spoil) in enumerate(KINDS.items()):
        if draw(st.integers(0, 19)):
            flavour = draw(st.integers(0, FLAVOURS - 1))
            cases.append(
                Case(
                    name,
                    number,
                    flavour,
                    spoil(Draw(draw), company(f"D{number:04d}", flavour), f"D{number:04d}"),
                )
            )
    return cases


@pytest.fixture(scope="module", autouse=True)
def report() -> Iterator[None]:
    """Says how often each kind was run, in a long run."""
    yield
    if IS_LONG_RUN:
        print(f"\n{sum(ran.values()):,} cases of {len(ran)} kinds")
        print(
            "\n".join(f"{count:>7,}  {name.replace('_', ' ')}" for name, count in sorted(ran.items())),
            flush=True,
        )


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Numbers:
    return clean_numbers(tmp_path_factory.mktemp("clean"), model_cache)


@pytest.fixture
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="postsale-fuzz-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@settings(SETTINGS, max_examples=max(1, CASES // len(KINDS)))
@given(cases=dirty_companies())
def test_dirt_is_named_and_touches_nobody_else(
    cases: list[Case], clean: Numbers, scratch: Path, model_cache: Path
) -> None:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    with build(folder, cases, model_cache) as connection:
        problems = broken_promises(connection, cases, clean)
    shutil.rmtree(folder)
    ran.update(case.name for case in cases)
    if IS_LONG_RUN:
        print(f"{sum(ran.values()):,} cases", flush=True)
    assert not problems, "\n".join(problems)


@settings(SETTINGS, max_examples=max(1, CASES // 5))
@given(data=st.data())
def test_what_cannot_be_read_is_one_clear_error(data: st.DataObject, scratch: Path) -> None:
    draw = Draw(data.draw)
    name = draw.one(list(ERRORS))
    file, content, message = ERRORS[name](draw, company("D0000", draw.number(0, FLAVOURS - 1)))
    folder = Path(tempfile.mkdtemp(dir=scratch))
    path = folder / "raw" / "templates" / file
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(LandingError) as raised:
        land(folder / "raw", folder / "out", ["templates"], PROJECT, lambda _line: None)
    text = str(raised.value)
    assert re.search(message, text), text
    assert f"templates/{file}" in text and "What to do" in text
    ran[name] += 1
