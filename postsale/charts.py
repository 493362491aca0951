"""Charts as static SVG: Vega-Lite specs with pinned sizes, rendered in process, nothing loaded from anywhere.

Every chart comes twice, for a desktop or paper (wide) and for a phone (narrow); the style sheet shows one of
them. Bars start at 0. Actual figures are solid and dark, targets dashed; green and red tell good from bad for
the business, always beside a sign.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import vl_convert
from markupsafe import Markup, escape

ElementTree.register_namespace("", "http://www.w3.org/2000/svg")

Spec = dict[str, Any]
Row = dict[str, Any]

INK, MUTED, RULE, ACTUAL, SECOND, GOOD, BAD, BAND = (
    "#1d2733",
    "#56616e",
    "#c9d0d8",
    "#35414f",
    "#7d8895",
    "#1f7a4d",
    "#b3261e",
    "#dfe4ea",
)
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
CONFIG: Spec = {
    "aria": False,
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "labelFontSize": 12,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "domainColor": RULE,
        "tickColor": RULE,
        "gridColor": "#eceff2",
        "labelFont": FONT,
        "titleFont": FONT,
    },
    "text": {"font": FONT, "fontSize": 12, "color": INK},
}


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall; `amount` is signed for movements and the balance for totals."""

    label: str
    amount: Decimal
    text: str
    is_total: bool


def _svg(spec: Spec, width: int, height: int, label: str, prefix: str, css: str) -> Markup:
    """Renders one spec; `label` is read to those who do not see it, `prefix` keeps ids unique on a page."""
    full: Spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "padding": 4,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": CONFIG,
        **spec,
    }
    svg = vl_convert.vegalite_to_svg(full, vl_version="6.4", allowed_base_urls=[])
    root = ElementTree.fromstring(svg)
    names: dict[str, str] = {}
    for element in root.iter():
        # one label for the whole picture; those of its parts would only repeat axis and mark names
        for name in [name for name in element.attrib if name == "role" or name.startswith("aria-")]:
            del element.attrib[name]
        if "id" in element.attrib:
            new = f"{prefix}-{len(names)}"
            names[element.attrib["id"]] = new
            element.attrib["id"] = new
    for element in root.iter():
        for name, value in element.attrib.items():
            if match := re.fullmatch(r"url\(#(.+)\)", value):
                element.attrib[name] = f"url(#{names[match.group(1)]})"
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"class": css, "role": "img", "aria-label": label}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _both(make: Any, sizes: tuple[tuple[int, int], tuple[int, int]], label: str, prefix: str) -> Markup:
    """The wide and the narrow drawing of a chart."""
    (wide_width, wide_height), (narrow_width, narrow_height) = sizes
    return _svg(make(True), wide_width, wide_height, label, f"{prefix}w", "wide") + _svg(
        make(False), narrow_width, narrow_height, label, f"{prefix}n", "narrow"
    )


def waterfall(steps: Sequence[Step], label: str, prefix: str = "bridge") -> Markup:
    """A bridge from an opening to a closing balance: upright when wide, lying when narrow."""
    rows: list[Row] = []
    level = Decimal(0)
    for i, step in enumerate(steps):
        start = Decimal(0) if step.is_total else level
        level = step.amount if step.is_total else level + step.amount
        rows.append(
            {
                "order": i,
                "label": step.label,
                "start": float(start),
                "end": float(level),
                "text": step.text,
                "top": float(max(start, level)),
                "level": float(level),
                "next": steps[i + 1].label if i + 1 < len(steps) else None,
                "kind": "total" if step.is_total else "good" if step.amount >= 0 else "bad",
            }
        )
    color = {
        "field": "kind",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["total", "good", "bad"], "range": [ACTUAL, GOOD, BAD]},
    }
    highest = max(row["top"] for row in rows) or 1.0
    lowest = min(0.0, *(min(row["start"], row["end"]) for row in rows))

    def make(wide: bool) -> Spec:
        names, amounts, names2, amounts2 = ("x", "y", "x2", "y2") if wide else ("y", "x", "y2", "x2")
        scale = {"domain": [lowest, highest * (1.08 if wide else 1.32)], "nice": False}
        axis = {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelAngle": 0,
            "labelPadding": 6,
            "labelColor": INK,
            "labelLimit": 110,
        }
        name = {
            "field": "label",
            "type": "nominal",
            "sort": None,
            "axis": axis,
            "scale": {"paddingInner": 0.35, "paddingOuter": 0.1},
        }
        value = {"field": "start", "type": "quantitative", "axis": None, "scale": scale}
        text = (
            {"align": "center", "baseline": "bottom", "dy": -4}
            if wide
            else {"align": "left", "baseline": "middle", "dx": 5}
        )
        links = [row for row in rows if row["next"] is not None]
        return {
            "layer": [
                {
                    "data": {"values": links},
                    "mark": {"type": "rule", "color": "#9aa4af", "strokeWidth": 1},
                    "encoding": {
                        names: {**name, "bandPosition": 1},
                        names2: {"field": "next", "bandPosition": 0},
                        amounts: {**value, "field": "level"},
                    },
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "bar", "strokeWidth": 1.5},
                    "encoding": {
                        names: name,
                        amounts: value,
                        amounts2: {"field": "end"},
                        "fill": color,
                        # an amount of next to nothing is still seen as a line
                        "stroke": color,
                    },
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "text", "fontWeight": "bold", **text},
                    "encoding": {names: name, amounts: {**value, "field": "top"}, "text": {"field": "text"}},
                },
            ]
        }

    return _both(make, ((680, 300), (340, 44 + 34 * len(rows))), label, prefix)


def trend(
    rows: Sequence[Row], targets: dict[str, tuple[float, str]], label: str, prefix: str = "trend"
) -> Markup:
    """Lines by month (`date`, `value`, `series`, `text`), each labelled at its end; targets dashed."""
    names = list(dict.fromkeys(row["series"] for row in rows))
    last = {name: [row for row in rows if row["series"] == name][-1] for name in names}
    first_date, last_date = min(row["date"] for row in rows), max(row["date"] for row in rows)
    values = [row["value"] for row in rows] + [value for value, _ in targets.values()]
    low, high = min(values), max(values)
    margin = max((high - low) * 0.08, 0.02)
    scale = {"domain": names, "range": [INK, SECOND, "#a06a00"][: len(names)]}
    color = {"field": "series", "type": "nominal", "legend": None, "scale": scale}

    def make(wide: bool) -> Spec:
        ends = [{**row, "label": f"{name} {row['text']}", "weight": 1} for name, row in last.items()]
        ends += [
            {
                "date": last_date,
                "value": value,
                "series": name,
                "weight": 0,
                "label": f"Target {name.lower()} {text}" if wide else f"Target {text}",
            }
            for name, (value, text) in targets.items()
        ]
        # labels that would touch are pushed up by the height of a line of text
        gap, level = (high - low + 2 * margin) * (0.075 if wide else 0.085), float("-inf")
        for end in sorted(ends, key=lambda row: float(row["value"])):
            level = end["level"] = max(level + gap, float(end["value"]))
        top = max(high + margin, level + gap / 2)
        x = {
            "field": "date",
            "type": "temporal",
            "axis": {"title": None, "format": "%b %Y", "grid": False, "tickCount": 6 if wide else 2},
        }
        y = {
            "field": "value",
            "type": "quantitative",
            "scale": {"domain": [low - margin, top], "nice": False, "zero": False},
            "axis": {"title": None, "format": ".0%", "tickCount": 5, "domain": False, "ticks": False},
        }
        layers: list[Spec] = [
            {
                "data": {
                    "values": [
                        {"series": name, "value": value, "date": first_date, "end": last_date}
                        for name, (value, _) in targets.items()
                    ]
                },
                "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5},
                "encoding": {"x": x, "x2": {"field": "end"}, "y": y, "color": color},
            },
            {
                "data": {"values": list(rows)},
                "mark": {"type": "line", "strokeWidth": 2.5, "interpolate": "linear"},
                "encoding": {"x": x, "y": y, "color": color},
            },
            {
                "data": {"values": list(last.values())},
                "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1},
                "encoding": {"x": x, "y": y, "color": color},
            },
        ]
        for weight in (1, 0):
            layers.append(
                {
                    "data": {"values": [end for end in ends if end["weight"] == weight]},
                    "mark": {
                        "type": "text",
                        "align": "left",
                        "dx": 9,
                        "fontWeight": "bold" if weight else "normal",
                        "color": INK if weight else MUTED,
                    },
                    "encoding": {"x": x, "y": {**y, "field": "level"}, "text": {"field": "label"}},
                }
            )
        return {
            "layer": layers if targets else layers[1:4],
            "padding": {"left": 4, "top": 6, "bottom": 4, "right": 4},
        }

    return _both(make, ((900, 290), (340, 240)), label, prefix)


def survival(rows: Sequence[Row], median: int | None, label: str, prefix: str = "survival") -> Markup:
    """A Kaplan–Meier curve (`month`, `rate`, `low`, `high`) as steps, with its 95 % band and its median."""

    def make(wide: bool) -> Spec:
        last = max(row["month"] for row in rows)
        ticks = list(range(0, last + 1, 12 if not wide or last > 36 else 6))
        x = {
            "field": "month",
            "type": "quantitative",
            "scale": {"domain": [0, max(last, 1)], "nice": False},
            "axis": {"title": "Months since first revenue", "values": ticks, "grid": False},
        }
        y = {
            "field": "rate",
            "type": "quantitative",
            "scale": {"domain": [0, 1]},
            "axis": {"title": None, "format": ".0%", "tickCount": 5, "domain": False, "ticks": False},
        }
        layers: list[Spec] = [
            {
                "data": {"values": list(rows)},
                "mark": {"type": "area", "interpolate": "step-after", "color": BAND},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "data": {"values": list(rows)},
                "mark": {"type": "line", "interpolate": "step-after", "color": INK, "strokeWidth": 2.5},
                "encoding": {"x": x, "y": y},
            },
        ]
        if median is not None:
            point = [{"month": median, "rate": 0.5, "low": 0, "text": f"Median {median} months"}]
            layers += [
                {
                    "data": {"values": point},
                    "mark": {"type": "rule", "strokeDash": [3, 3], "color": MUTED},
                    "encoding": {"x": x, "y": y, "y2": {"field": "low"}},
                },
                {
                    "data": {"values": point},
                    "mark": {"type": "text", "align": "left", "dx": 8, "dy": -8, "fontWeight": "bold"},
                    "encoding": {"x": x, "y": y, "text": {"field": "text"}},
                },
            ]
        return {"layer": layers}

    return _both(make, ((900, 280), (340, 230)), label, prefix)


def bars(rows: Sequence[Row], label: str, prefix: str) -> Markup:
    """Horizontal bars (`name`, `value`, `text`) in the order given."""
    highest = max((row["value"] for row in rows), default=0) or 1

    def make(wide: bool) -> Spec:
        y = {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "scale": {"paddingInner": 0.35, "paddingOuter": 0.1},
            "axis": {
                "title": None,
                "ticks": False,
                "domain": False,
                "labelColor": INK,
                "labelPadding": 8,
                "labelLimit": 240 if wide else 150,
            },
        }
        x = {
            "field": "value",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [0, highest * (1.3 if wide else 1.6)], "nice": False},
        }
        return {
            "data": {"values": list(rows)},
            "encoding": {"y": y, "x": x},
            "layer": [
                {"mark": {"type": "bar", "color": ACTUAL}},
                {
                    "mark": {"type": "text", "align": "left", "dx": 6},
                    "encoding": {"text": {"field": "text" if wide else "short"}},
                },
            ],
        }

    return _both(make, ((900, 16 + 30 * len(rows)), (340, 16 + 30 * len(rows))), label, prefix)


def stacked(rows: Sequence[Row], parts: Sequence[tuple[str, str]], label: str, prefix: str) -> Markup:
    """Bars of parts (`part`, `value`) by month (`name`, `short`, `total`, `text`), parts with their colours: upright when wide."""
    names = [name for name, _ in parts]
    data = [row | {"order": names.index(row["part"])} for row in rows]
    count = len({row["name"] for row in rows})
    highest = max((row["total"] for row in rows), default=0) or 1

    def make(wide: bool) -> Spec:
        month, value = ("x", "y") if wide else ("y", "x")
        along = {
            "field": "short",
            "type": "nominal",
            "sort": None,
            "scale": {"paddingInner": 0.35, "paddingOuter": 0.1},
            "axis": {
                "title": None,
                "ticks": False,
                "domain": False,
                "labelAngle": 0,
                "labelColor": INK,
                "labelPadding": 6,
            },
        }
        size = {
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [0, highest * (1.12 if wide else 1.3)], "nice": False},
        }
        text = (
            {"align": "center", "baseline": "bottom", "dy": -4}
            if wide
            else {"align": "left", "baseline": "middle", "dx": 5}
        )
        return {
            "layer": [
                {
                    "data": {"values": data},
                    "mark": {"type": "bar"},
                    "encoding": {
                        month: along,
                        value: {**size, "field": "value", "stack": "zero"},
                        "order": {"field": "order"},
                        "color": {
                            "field": "part",
                            "type": "nominal",
                            "scale": {"domain": names, "range": [color for _, color in parts]},
                            "legend": {
                                "title": None,
                                "orient": "top",
                                "labelFont": FONT,
                                "labelFontSize": 12,
                                "labelColor": INK,
                            },
                        },
                    },
                },
                {
                    "data": {"values": [row for row in data if row["order"] == 0]},
                    "mark": {"type": "text", **text},
                    "encoding": {month: along, value: {**size, "field": "total"}, "text": {"field": "text"}},
                },
            ]
        }

    return _both(make, ((900, 260), (340, 60 + 26 * count)), label, prefix)


def sparkline(values: Sequence[float | None], target: float | None, css: str, label: str) -> Markup:
    """A small line of the last periods with a dot on the newest and the target dashed; gaps stay gaps."""
    width, height, pad = 132, 40, 5
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return Markup("")
    scale = known + ([target] if target is not None else [])
    low, high = min(scale), max(scale)
    span = (high - low) or 1.0

    def y(value: float) -> float:
        return height - pad - (value - low) / span * (height - 2 * pad) if high > low else height / 2

    def x(i: int) -> float:
        return pad + i * (width - 2 * pad) / max(len(values) - 1, 1)

    path, pen = [], "M"
    for i, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{x(i):.1f} {y(value):.1f}")
        pen = "L"
    newest = max(i for i, v in enumerate(values) if v is not None)
    dashed = "" if target is None else f'<path class="aim" d="M{pad} {y(target):.1f}H{width - pad}"/>'
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="spark {css}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(label)}">{dashed}<path class="line" d="{" ".join(path)}"/>'
        f'<circle class="dot" cx="{x(newest):.1f}" cy="{y(values[newest] or 0):.1f}" r="3.2"/></svg>'
    )


def limits(rows: Sequence[Row], label: str, prefix: str) -> Markup:
    """Horizontal bars (`name`, `value`, `text`, `short`) with a mark at the `limit` of each; those above are red and say so in `text`."""
    highest = max((max(row["value"], row["limit"] or 0) for row in rows), default=0) or 1
    data = [row | {"is_above": row["limit"] is not None and row["value"] > row["limit"]} for row in rows]

    def make(wide: bool) -> Spec:
        y = {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "scale": {"paddingInner": 0.35, "paddingOuter": 0.1},
            "axis": {
                "title": None,
                "ticks": False,
                "domain": False,
                "labelColor": INK,
                "labelPadding": 8,
                "labelLimit": 240 if wide else 110,
            },
        }
        scale = {"domain": [0, highest * (1.45 if wide else 1.9)], "nice": False}
        x = {"field": "value", "type": "quantitative", "axis": None, "scale": scale}
        end = {"field": "end", "type": "quantitative", "axis": None, "scale": scale}
        known = [row for row in data if row["limit"] is not None]
        return {
            "data": {"values": [row | {"end": max(row["value"], row["limit"] or 0)} for row in data]},
            "encoding": {"y": y},
            "layer": [
                {
                    "mark": {"type": "bar"},
                    "encoding": {
                        "x": x,
                        "color": {"condition": {"test": "datum.is_above", "value": BAD}, "value": ACTUAL},
                    },
                },
                {
                    "data": {"values": known},
                    "mark": {"type": "tick", "thickness": 2.5, "size": 26, "color": INK},
                    "encoding": {"x": {**x, "field": "limit"}, "y": y},
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 8},
                    "encoding": {"x": end, "text": {"field": "text" if wide else "short"}},
                },
            ],
        }

    return _both(make, ((900, 16 + 30 * len(rows)), (340, 16 + 30 * len(rows))), label, prefix)


def intervals(rows: Sequence[Row], label: str, prefix: str) -> Markup:
    """Differences (`name`, `value`, `low`, `high`, `text`) as points with their 95 % intervals; the line at 0 is no difference."""
    ends = [number for row in rows for number in (row["low"], row["high"], row["value"])] + [0.0]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0

    def make(wide: bool) -> Spec:
        y = {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
            "axis": {
                "title": None,
                "ticks": False,
                "domain": False,
                "labelColor": INK,
                "labelPadding": 8,
                "labelLimit": 240 if wide else 110,
            },
        }
        x = {
            "field": "value",
            "type": "quantitative",
            "axis": None,
            "scale": {
                "domain": [low - 0.04 * span, high + (0.45 if wide else 0.95) * span],
                "nice": False,
                "zero": False,
            },
        }
        return {
            "data": {"values": list(rows)},
            "encoding": {"y": y},
            "layer": [
                {
                    "data": {"values": [{"zero": 0}]},
                    "mark": {"type": "rule", "strokeDash": [3, 3], "color": MUTED},
                    "encoding": {"x": {**x, "field": "zero"}, "y": {"value": 0}, "y2": {"value": "height"}},
                },
                {
                    "mark": {"type": "rule", "strokeWidth": 2.5, "color": SECOND},
                    "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": INK},
                    "encoding": {"x": x},
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 10},
                    "encoding": {
                        "x": {**x, "field": "high"},
                        "text": {"field": "text" if wide else "short"},
                    },
                },
            ],
        }

    return _both(make, ((900, 24 + 34 * len(rows)), (340, 24 + 34 * len(rows))), label, prefix)


def calibration(rows: Sequence[Row], label: str, prefix: str = "calibration") -> Markup:
    """Foretold against happened (`name`, `predicted`, `observed`, `low`, `high`); the dashed line is a forecast that holds."""
    top = min(1.0, 1.08 * max([0.05, *(max(row["high"], row["predicted"]) for row in rows)]))
    # names of points that lie close together stand above one another
    data: list[Row] = []
    for row in sorted(rows, key=lambda row: (row["observed"], row["name"])):
        above = data[-1]["level"] + 0.062 * top if data else 0.0
        data.append(row | {"level": max(row["observed"], above)})

    def make(wide: bool) -> Spec:
        scale = {"domain": [0, top], "nice": False}
        axis = {"format": ".0%", "tickCount": 5, "domain": False, "ticks": False}
        x = {
            "field": "predicted",
            "type": "quantitative",
            "scale": scale,
            "axis": {**axis, "title": "Foretold", "grid": False},
        }
        y = {
            "field": "observed",
            "type": "quantitative",
            "scale": scale,
            "axis": {**axis, "title": "Happened"},
        }
        return {
            "data": {"values": data},
            "layer": [
                {
                    "data": {"values": [{"from": 0, "to": top}]},
                    "mark": {"type": "rule", "strokeDash": [4, 4], "color": MUTED},
                    "encoding": {
                        "x": {**x, "field": "from"},
                        "y": {**y, "field": "from"},
                        "x2": {"field": "to"},
                        "y2": {"field": "to"},
                    },
                },
                {
                    "mark": {"type": "rule", "strokeWidth": 2.5, "color": SECOND},
                    "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": INK},
                    "encoding": {"x": x, "y": y},
                },
                {
                    "transform": [{"filter": "datum.name != ''"}],
                    "mark": {"type": "text", "align": "left", "dx": 9, "dy": -7},
                    "encoding": {"x": x, "y": {**y, "field": "level"}, "text": {"field": "name"}},
                },
            ],
        }

    return _both(make, ((620, 380), (340, 300)), label, prefix)


def balance(values: Sequence[float | None], first: str, last: str, top: str, label: str) -> Markup:
    """A balance over months as a filled line from 0, drawn by hand because there is one on every customer's page; gaps stay gaps."""
    width, height, left, right, above, below = 300, 108, 2, 2, 14, 16
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    high = max(*known, 0.0) or 1.0
    floor = height - below

    def x(i: int) -> float:
        return left + i * (width - left - right) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return floor - max(value, 0.0) / high * (floor - above)

    stretches: list[list[tuple[float, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((x(i), y(value)))
    shapes = []
    for points in stretches:
        if not points:
            continue
        line = "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
        shapes.append(
            f'<path class="area" d="M{points[0][0]:.1f} {floor}L{line}L{points[-1][0]:.1f} {floor}Z"/><path class="line" d="M{line}"/>'
        )
    end = max(i for i, value in enumerate(values) if value is not None)
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="balance" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
        f'<path class="floor" d="M{left} {floor}H{width - right}"/>{"".join(shapes)}'
        f'<circle class="dot" cx="{x(end):.1f}" cy="{y(values[end] or 0):.1f}" r="3"/>'
        f'<text x="{left}" y="{height - 3}">{escape(first)}</text>'
        f'<text x="{width - right}" y="{height - 3}" text-anchor="end">{escape(last)}</text>'
        f'<text x="{left}" y="9">{escape(top)}</text></svg>'
    )
