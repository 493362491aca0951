"""What the company takes for normal: ``thresholds.yml``, checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

THRESHOLDS = Path(__file__).with_name("thresholds.yml")


class ThresholdError(ValueError):
    """The thresholds cannot be used; the message names the file, the line and what is known."""


@dataclass(frozen=True)
class ExportThresholds:
    """Of one export; what each means stands beside it in ``thresholds.yml``."""

    min_rows: int
    min_rows_of_shapes: int
    max_volume_drop: float
    max_volume_growth: float
    max_lag_days: int
    max_drop_lag_days: int
    earliest_date: date
    max_years_ahead: int
    max_amount: int
    never_negative: tuple[str, ...]
    max_empty_rise: float
    max_categories: int
    min_rows_per_category: int
    max_drift: float
    may_be_empty: bool


@dataclass(frozen=True)
class MartThresholds:
    """Of the marts."""

    headlines: tuple[str, ...]
    max_restatement: float
    max_restatement_stop: float
    max_revenue_jump: float
    max_shrinkage: float


@dataclass(frozen=True)
class Thresholds:
    """All of them."""

    defaults: ExportThresholds
    overrides: Mapping[str, Mapping[str, Any]]
    marts: MartThresholds

    def of(self, system: str, table_name: str) -> ExportThresholds:
        """Those of one export."""
        return replace(self.defaults, **self.overrides.get(f"{system}.{table_name}", {}))


Section = TypeVar("Section", ExportThresholds, MartThresholds)


def read_thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """Reads the thresholds. Raises ThresholdError for what is missing, unknown or of another type."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        exports, marts = document["exports"], document["marts"]
        defaults, overrides = exports["defaults"], exports.get("overrides") or {}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ThresholdError(
            f"{path} cannot be used: {error}. It needs exports.defaults and marts."
        ) from error
    checked = {
        export: _checked(ExportThresholds, lines, f"{path}: exports.overrides.{export}")
        for export, lines in overrides.items()
    }
    return Thresholds(
        _section(ExportThresholds, defaults, f"{path}: exports.defaults"),
        checked,
        _section(MartThresholds, marts, f"{path}: marts"),
    )


def _section(kind: type[Section], lines: Any, where: str) -> Section:
    values = _checked(kind, lines, where)
    missing = [field.name for field in fields(kind) if field.name not in values]
    if missing:
        raise ThresholdError(f"{where} lacks {', '.join(missing)}")
    return kind(**values)


def _checked(kind: type[Section], lines: Any, where: str) -> dict[str, Any]:
    """The lines of a section with lists as tuples; annotations of the class are the types."""
    if not isinstance(lines, dict):
        raise ThresholdError(f"{where} is no mapping")
    types = {field.name: str(field.type) for field in fields(kind)}
    values: dict[str, Any] = {}
    for name, value in lines.items():
        if name not in types:
            raise ThresholdError(f"{where}.{name} is not known; known: {', '.join(types)}")
        value = tuple(value) if isinstance(value, list) else value
        fits = {
            "int": isinstance(value, int) and not isinstance(value, bool),
            "float": isinstance(value, int | float) and not isinstance(value, bool),
            "bool": isinstance(value, bool),
            "date": isinstance(value, date),
            "tuple[str, ...]": isinstance(value, tuple) and all(isinstance(item, str) for item in value),
        }
        if not fits[types[name]]:
            raise ThresholdError(f"{where}.{name} is {value!r}; expected: {types[name]}")
        values[name] = value
    return values
