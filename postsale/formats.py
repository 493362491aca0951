"""Numbers, dates and verdicts as an executive reads them."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

DASH = "–"
MINUS = "−"
SPACE = "\u00a0"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
GRAINS = {"month": "Month", "quarter": "Quarter", "year": "Fiscal year", "t12m": "Trailing 12 months"}
STATUS = {"green": "On target", "amber": "Watch", "red": "Off target", "grey": "No status"}
VERDICTS = {
    "no_data": "no data",
    "provisional": "provisional",
    "low_coverage": "low coverage",
    "insufficient_evidence": "insufficient evidence",
    "not_supported": "not supported by the evidence",
    "supported": "supported by the evidence",
}
#: Risk classes in words, and the status whose sign and colour they carry.
CLASSES = {
    "defecting": ("At risk of leaving", "red"),
    "reducing": ("At risk of spending less", "red"),
    "watch": ("To be watched", "amber"),
    "healthy": ("Healthy", "green"),
    "unknown": ("Health unknown", "grey"),
}
#: Members that read better in words of their own, by dimension and else for all of them.
MEMBERS = {
    ("class", "defecting"): "At risk of leaving",
    ("class", "reducing"): "At risk of spending less",
    ("adoption_band", "green"): "High (green)",
    ("adoption_band", "amber"): "Middle (amber)",
    ("adoption_band", "red"): "Low (red)",
    ("adoption_band", "ramp"): "New customer",
    ("success_band", "high"): "High (75 % or more)",
    ("success_band", "mid"): "Middle (50 % or more)",
    ("success_band", "low"): "Low",
    **{
        ("adoption_success", f"{adoption}_{success}"): f"Adoption {adoption}, success {success}"
        for adoption in ("green", "amber", "red", "ramp", "unknown")
        for success in ("high", "mid", "low", "unknown")
    },
    ("contact_band", "none"): "None",
    ("contact_band", "some"): "One or two",
    ("contact_band", "many"): "Three or more",
    ("category", "expansion"): "Up-sell and cross-sell",
    ("activity_coverage_band", "more_than_half"): "More than half",
    ("activity_coverage_band", "up_to_half"): "At most half",
    ("renews_within", "90"): "Within 90 days",
    ("renews_within", "180"): "In 91 to 180 days",
    ("renews_within", "365"): "In 181 to 365 days",
    ("renews_within", "later"): "Later",
    ("renews_within", "none"): "No end agreed",
}
WORDS = {
    "fx_impact": "Currency",
    "nps": "Recommendation",
    "csat": "Satisfaction",
    "perception": "Impact on their business",
    "criticality": "Integral to their business",
    "intent": "Intent to stay",
    "adoption_share": "Share of licences in use, as they say",
    "barrier": "Barrier to adoption",
    "kickoff_meeting": "Kick-off meeting",
    "planning_goal_setting": "Goal setting",
    "expansion_goal_setting": "Goal setting for expansion",
    "roi_analysis": "ROI analysis",
    "win_loss_analysis": "Win-loss analysis",
    "how_to": "How to use it",
    "install_config": "Installation and configuration",
    "usability_performance": "Usability and performance",
    "enhancement": "Wish for more",
    "self_paced": "Self-paced",
    "live_coaching": "Live coaching",
    "ilt_in_person": "With an instructor, in person",
    "ilt_virtual": "With an instructor, online",
    "trained": "Trained within 60 days",
    "not_trained": "Not trained within 60 days",
}
#: Verdicts on effects and correlations as an executive reads them.
EVIDENCE = {
    "supported": "Supported by the evidence",
    "not_supported": "Not supported by the evidence",
    "insufficient_evidence": "Too little evidence",
}
PERCENT_KINDS = ("percent", "pct", "ratio", "rate", "share")
MONEY_KINDS = ("money", "currency", "amount")


def _round(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _plain(value: Decimal, digits: int) -> str:
    rounded = _round(value, digits)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.{digits}f}"


def _kind(unit: str | None, style: str | None) -> tuple[str, int | None]:
    """Unit and decimals of a metric; a format such as `percent_1` or `money_0` wins over the unit."""
    match = re.fullmatch(r"([a-z]+?)(?:_?(\d))?", (style or "").strip().lower())
    name = match.group(1) if match else ""
    digits = int(match.group(2)) if match and match.group(2) else None
    if name in PERCENT_KINDS or (not name and unit in ("ratio", "text-mix")):
        return "ratio", digits
    if name == "points":
        # of a share they are percentage points, of a score points as they are
        return "score points" if unit == "score" else name, digits
    if unit == "money" and name in ("decimal", "number"):
        return "money", 2 if digits is None else digits
    if name in MONEY_KINDS or (not name and unit == "money"):
        return "money", digits
    if name in (
        "months",
        "days",
        "hours",
        "years",
        "score",
        "count",
        "integer",
        "number",
        "decimal",
        "multiple",
    ):
        return name, digits
    return {"text-mix": "ratio"}.get(unit or "", unit or "count"), digits


def money(value: Decimal, currency: str = "USD", compact: bool = False, digits: int = 0) -> str:
    """An amount in the reporting currency: `$1,240,310`, or compact `$1.24M`."""
    symbol = SYMBOLS.get(currency, currency + SPACE)
    sign, size = (MINUS if value < 0 else ""), abs(value)
    if compact:
        for letter, scale, places in (
            ("B", 10**9, 2),
            ("M", 10**6, 2),
            ("K", 10**3, 1 if size < 10**5 else 0),
        ):
            # the bound is what rounds up to one whole unit, so that 999,999 is not printed as 1000K
            if size >= Decimal(scale) * Decimal("0.9995"):
                return f"{sign}{symbol}{_plain(size / scale, places)}{letter}"
    text = _plain(size, digits)
    return f"{sign if text.strip('0.,') else ''}{symbol}{text}"


def number(
    value: Any,
    unit: str | None = None,
    style: str | None = None,
    currency: str = "USD",
    compact: bool = False,
) -> str:
    """A value in its unit: ratio `103.1 %`, money `$1.24M`, count `1,204`, `31.2 months`. None is a dash."""
    if value is None:
        return DASH
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    kind, digits = _kind(unit, style)
    if kind == "ratio":
        return f"{_plain(amount * 100, 1 if digits is None else digits)}{SPACE}%"
    if kind == "points":
        return f"{_plain(amount * 100, 1 if digits is None else digits)}{SPACE}pp"
    if kind == "money":
        # cents stay readable where an amount is small enough to have some
        return money(amount, currency, compact and not digits, digits or 0)
    if kind == "score points":
        return f"{_plain(amount, 1 if digits is None else digits)}{SPACE}points"
    if digits is None:
        digits = 0 if kind in ("integer", "count") and amount == amount.to_integral_value() else 1
    return _plain(amount, digits) + (f"{SPACE}{kind}" if kind in ("hours", "days", "months", "years") else "")


def change(
    value: Any, unit: str | None = None, style: str | None = None, currency: str = "USD", compact: bool = True
) -> str:
    """A difference with its sign; shares differ by percentage points: `+1.8 pp`. None is a dash."""
    if value is None:
        return DASH
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    kind, digits = _kind(unit, style)
    if kind == "ratio":
        text = f"{_plain(abs(amount) * 100, 1 if digits is None else digits)}{SPACE}pp"
    else:
        text = number(abs(amount), unit, style, currency, compact)
    if not re.search(r"[1-9]", text):
        return text
    return ("+" if amount > 0 else MINUS) + text


def distance(value: Any, unit: str | None = None, style: str | None = None, currency: str = "USD") -> str:
    """A difference in words without its sign: `1.8 points`."""
    return change(value, unit, style, currency).lstrip("+" + MINUS).replace("pp", "points")


def amount(value: Any) -> str:
    """A number of unstated unit, with at most two decimals. None is a dash."""
    if value is None:
        return DASH
    if isinstance(value, (bool, str)):
        return str(value)
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return _plain(exact, 0 if exact == exact.to_integral_value() else 2)


def day(value: date | None, short: bool = False) -> str:
    """14 July 2025, or 14 Jul 2025."""
    if value is None:
        return DASH
    name = MONTHS[value.month - 1]
    return f"{value.day}{SPACE}{name[:3] if short else name}{SPACE}{value.year}"


def month(value: date | None, short: bool = False) -> str:
    """July 2025, or Jul 2025."""
    if value is None:
        return DASH
    name = MONTHS[value.month - 1]
    return f"{name[:3] if short else name}{SPACE}{value.year}"


def quarter(value: date) -> str:
    """The three months that start on this day: `Apr–Jun 2025`."""
    last = MONTHS[(value.month + 1) % 12][:3]
    return f"{MONTHS[value.month - 1][:3]}–{last}{SPACE}{value.year if value.month <= 10 else value.year + 1}"


def period(grain: str | None, end: date | None, short: bool = False) -> str:
    """A period in words: `12 months to June 2025`, `quarter to June 2025`."""
    if end is None:
        return DASH
    words = {"t12m": "12 months to ", "quarter": "quarter to ", "year": "fiscal year to "}
    return words.get(grain or "", "") + month(end, short)


def verdict(row: dict[str, Any] | None, subject: str | None = None) -> str:
    """The verdict of a value in words, empty where it is fine."""
    if row is None:
        return VERDICTS["no_data"]
    name = row.get("verdict")
    if name == "small_n":
        things = {"customer": "customers", None: "subjects", "company": "subjects"}.get(
            subject, f"{subject}s"
        )
        return f"too few {things} (n{SPACE}={SPACE}{row.get('n') or 0})"
    if name == "low_coverage" and row.get("coverage") is not None:
        return f"low coverage ({number(row['coverage'], 'ratio', 'percent_0')})"
    if name in (None, "ok", "supported"):
        return "" if row.get("value") is not None else VERDICTS["no_data"]
    return VERDICTS.get(str(name), str(name).replace("_", " "))


def words(value: Any) -> str:
    """A member or code as text: `value_not_perceived` becomes `Value not perceived`; other text stays."""
    if value is None or value == "":
        return "Unknown"
    text = str(value)
    if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", text):
        text = text.replace("_", " ")
        return text[0].upper() + text[1:]
    return text


def member(dimension: str, value: Any) -> str:
    """A member of a dimension as text: tenure bands get their unit."""
    if dimension == "tenure_band" and re.fullmatch(r"<\d+|\d+[-–]\d+|\d+\+", str(value)):
        text = str(value).replace("-", "–")
        return f"Under {text[1:]} year" if text.startswith("<") else f"{text} years"
    if dimension == "region_channel":
        return ", ".join(words(part) for part in str(value).split("|"))
    if dimension == "tenure_month":
        return f"{value} months"
    return MEMBERS.get((dimension, str(value))) or WORDS.get(str(value)) or words(value)


def known(value: Any) -> str:
    """A key of the warehouse in words."""
    return WORDS.get(str(value)) or words(value)


def plural(count: Any, noun: str) -> str:
    """A number of things: `1 case`, `3 cases`."""
    return f"{amount(count)}{SPACE}{noun}{'' if count == 1 else 's'}"


def score(kind: str | None, value: Any) -> str:
    """The score of a survey answer on the scale of its kind. None is a dash."""
    if value is None:
        return DASH
    if kind == "adoption_share":
        return number(value, "ratio", "percent_0")
    return f"{amount(value)} of {10 if kind == 'nps' else 5}"


def slug(*parts: Any) -> str:
    """A name for files and anchors; parts beyond a–z, 0–9 and _ get a hash, so none collide."""
    names = []
    for part in parts:
        text = str(part)
        name = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:40]
        if name != text or not name:
            name = f"{name or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
        names.append(name)
    return "--".join(names)


def good(difference: Any, direction: str | None) -> str:
    """Effect of a difference on the business: `good`, `bad` or empty."""
    if difference is None or difference == 0 or direction not in ("higher_is_better", "lower_is_better"):
        return ""
    return "good" if (difference > 0) == (direction == "higher_is_better") else "bad"
