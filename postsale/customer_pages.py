"""What the page of one customer says, arranged from the rows of the queries; no metric is computed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any

from markupsafe import Markup

from postsale import charts, formats

Row = dict[str, Any]
Rows = list[Row]

REASONS = (
    "how_to",
    "install_config",
    "defect",
    "usability_performance",
    "enhancement",
    "other",
    "unclassified",
)
BANDS = {"green": "green", "amber": "amber", "red": "red"}
STATUSES = {
    "active_recurring": "customer with recurring revenue",
    "active_transactional": "buying customer without recurring revenue",
    "dormant_user": "uses the product and pays nothing",
    "lost": "lost",
}
#: States of an activity that is due.
STATES = ("done", "missing", "unknown")
#: What the health score is made of, in words.
MEASURES = {
    "adoption": "Licences in use",
    "success": "Goals reached",
    "perception": "Impact on their business",
    "engagement": "Being in touch",
    "support": "Satisfaction with support",
}
PERCEPTIONS = {
    "positive": ("Positive", "green"),
    "neutral": ("Neutral", "amber"),
    "negative": ("Negative", "red"),
}
SOURCES = {"observed": "measured", "survey": "as they say", "unknown": "not measured"}


def file_of(customer_id: str) -> str:
    """File of a customer's page, relative to the pages folder."""
    return f"customers/{formats.slug(customer_id)}.html"


def by_customer(rows: Iterable[Row]) -> dict[str, Rows]:
    """Rows of each customer, in their order."""
    groups: dict[str, Rows] = defaultdict(list)
    for row in rows:
        groups[row["customer_id"]].append(row)
    return dict(groups)


def known(key: Any) -> str:
    """A key in words, lower case at its beginning; empty where there is none."""
    text = formats.known(key) if key else ""
    return text[:1].lower() + text[1:]


def message(row: Row, currency: str) -> str:
    """Who it is, what it brings and how it stands, in one sentence."""
    name, arr = row["customer_name"], row["arr_amount"]
    if row["relationship_status"] is None:
        return f"{name} has not paid yet"
    if not row["is_active"]:
        return f"{name} is no customer any more"
    brings = (
        f"{name} brings {formats.money(arr, currency, compact=True)} a year"
        if arr
        else f"{name} is a customer without recurring revenue"
    )
    standing = {
        "defecting": "and is at risk of leaving",
        "reducing": "and is at risk of spending less",
        "watch": "and is to be watched",
        "healthy": "and is healthy",
        "unknown": "– its health is unknown",
    }.get(row["risk_class"] or "")
    return f"{brings} {standing}" if standing else brings


def event(row: Row, currency: str) -> Row:
    """An event in words: what happened, more of it, and money or score with its sign and unit."""
    kind, detail, qualifier = row["event_kind"], row["detail"], row["qualifier"]
    what, more, figure, effect = formats.known(kind), known(qualifier), "", ""
    if kind == "revenue_change":
        what = formats.known(detail)
        figure = formats.change(row["event_amount"], "money", None, currency)
        effect = "good" if (row["event_amount"] or 0) > 0 else "bad" if (row["event_amount"] or 0) < 0 else ""
    elif kind == "case_opened":
        more = " · ".join(part for part in (known(detail), known(qualifier)) if part)
    elif kind == "case_closed":
        effect = {"satisfied": "good", "dissatisfied": "bad"}.get(detail or "", "")
        more = " · ".join(part for part in (known(qualifier), known(detail)) if part)
    elif kind == "engagement":
        what = formats.known(detail or "engagement")
        effect = {"positive": "good", "negative": "bad"}.get(qualifier or "", "")
        more = f"{qualifier} tone" if qualifier else ""
    elif kind == "survey_answer":
        what = f"Answer: {known(detail)}"
        figure = formats.score(detail, row["score"]) if row["score"] is not None else ""
    elif kind == "training":
        more = "" if detail == "unknown" else known(detail)
        figure = "1 person" if row["score"] == 1 else f"{formats.amount(row['score'])} people"
    elif kind in ("risk_opened", "risk_closed"):
        more = " · ".join(part for part in (known(detail), known(qualifier)) if part)
    elif kind == "class_change":
        what = f"Now {formats.CLASSES.get(detail, (formats.known(detail), ''))[0].lower()}"
        more = (
            f"before: {formats.CLASSES.get(qualifier, (formats.known(qualifier), ''))[0].lower()}"
            if qualifier
            else ""
        )
    elif kind in ("contract_due", "contract_renewed"):
        what = f"{formats.known(detail)} contract {'due' if kind == 'contract_due' else 'renewed'}"
        more = known(qualifier)
        effect = "bad" if qualifier == "not_renewed" else ""
        figure = formats.money(row["event_amount"], currency, True) if row["event_amount"] is not None else ""
    if row["is_open"]:
        more = f"{more} · still open" if more else "still open"
    return {
        "date": row["event_date"],
        "kind": kind,
        "what": what,
        "more": more,
        "figure": figure,
        "effect": effect,
    }


def activities(rows: Rows) -> Rows:
    """What was done with the customer and what is due, by category."""
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row["category"]][row["state"]].append(formats.known(row["activity"]))
    return [
        {"category": formats.member("category", category), **{key: states.get(key, []) for key in STATES}}
        for category, states in groups.items()
    ]


def services(row: Row | None, risk_class: str | None, currency: str) -> list[tuple[str, str]]:
    """Services of a customer in words: held, due next, what twelve months cost and left; empty where nothing is known of them."""
    if row is None or (
        row["has_service_contract"] is None and row["service_cost_amount"] is None and row["due_date"] is None
    ):
        return []
    money = partial(formats.money, currency=currency, compact=True)
    held = ", ".join(name for name in ("support", "maintenance", "success") if row[f"has_{name}"])
    if row["has_service_contract"] is None:
        held = "not known"
    elif held and row["service_arr_amount"] is not None:
        held += f", {money(row['service_arr_amount'])} a year"
    due = "none open"
    if row["due_date"]:
        worth = "value unknown" if row["available_amount"] is None else money(row["available_amount"])
        due = f"{formats.day(row['due_date'], True)}, {worth}"
        due += ", at risk" if risk_class in ("defecting", "reducing") else ""
    cost, margin, earned = row["service_cost_amount"], row["margin_amount"], row["revenue_amount"]
    return [
        ("Held", held or "none paid for"),
        ("Next renewal", due),
        ("Cost to serve, 12 months", "not known" if cost is None else money(cost)),
        (
            "Left of revenue, 12 months",
            "not known" if margin is None or earned is None else f"{money(margin)} of {money(earned)}",
        ),
    ]


def revenue(rows: Rows, currency: str) -> Markup:
    """Annual recurring revenue over the months, as a small picture."""
    values = [None if row["arr_amount"] is None else float(row["arr_amount"]) for row in rows]
    amounts = [row["arr_amount"] for row in rows if row["arr_amount"] is not None]
    if len(amounts) < 2 or not any(amounts):
        return Markup("")
    first, last = (formats.month(row["month_end"], True) for row in (rows[0], rows[-1]))
    high = formats.money(max(amounts), currency, compact=True)
    label = (
        f"Annual recurring revenue from {first} to {last}: {formats.money(amounts[0], currency, compact=True)} at first, "
        f"{formats.money(amounts[-1], currency, compact=True)} at last, highest {high}."
    )
    return charts.balance(values, first, last, f"highest {high}", label)


def tiles(row: Row, picture: Markup, currency: str) -> list[Row]:
    """Figures of the customer, each with what it counts; what is not known says so."""
    amount, count = formats.amount, formats.plural

    def tile(name: str, value: str, note: str, status: str = "", **more: Any) -> Row:
        return {"name": name, "value": value, "note": note, "status": status, "picture": "", **more}

    arr, before = row["arr_amount"], row["prior_year_arr_amount"]
    change = None if arr is None or before is None else arr - before
    found = [
        tile(
            "Recurring revenue a year",
            formats.DASH if arr is None else formats.money(arr, currency, compact=True),
            "No revenue known" if arr is None
            else "Not a customer a year before" if change is None
            else f"{formats.change(change, 'money', None, currency)} on a year before" if change
            else "Unchanged on a year before",
            picture=picture,
        ),
    ]  # fmt: skip
    health = formats.CLASSES.get(row["risk_class"])
    if row["health_score"] is not None:
        weight = (
            f", from {formats.number(row['known_weight_share'], 'ratio', 'percent_0')} of the weights"
            if row["known_weight_share"] is not None
            else ""
        )
        found.append(
            tile(
                "Health score",
                f"{formats.number(row['health_score'], 'score')} of 100",
                f"{health[0] if health else ''}{weight}",
                health[1] if health else "",
            )
        )
    else:
        found.append(tile("Health score", formats.DASH, "Not known: too few of its measures are"))
    if row["adoption_rate"] is not None:
        found.append(
            tile(
                "Licences in use",
                formats.number(row["adoption_rate"], "ratio"),
                f"{amount(row['adopted_quantity'])} of {count(row['sold_quantity'], 'licence')}",
                BANDS.get(row["adoption_band"] or "", ""),
            )
        )
    else:
        sold = f" of {count(row['sold_quantity'], 'licence')}" if row["sold_quantity"] is not None else ""
        found.append(
            tile(
                "Licences in use",
                formats.DASH,
                f"Not known: use{sold} is not measured"
                if sold
                else "Not known: no licences counted by seats",
            )
        )
    if row["active_user_count"] is not None:
        found.append(
            tile(
                "Users",
                amount(row["active_user_count"]),
                f"{amount(row['advanced_user_count'])} of them use advanced features",
            )
        )
    else:
        found.append(
            tile(
                "Users",
                formats.DASH,
                "Not counted: the product is in use"
                if row["is_using"]
                else "Not used"
                if row["is_using"] is False
                else "Not known: use is not measured",
            )
        )
    if row["active_user_count"] and row["proficient_user_count"] is not None:
        certified = row["certified_user_count"]
        found.append(
            tile(
                "Proficient users",
                f"{amount(row['proficient_user_count'])} of {amount(row['active_user_count'])}",
                "Certificates are not recorded" if certified is None else f"{amount(certified)} certified",
            )
        )
    if row["entitled_feature_count"]:
        found.append(
            tile(
                "Features in use",
                amount(row["used_feature_count"]),
                f"of {count(row['entitled_feature_count'], 'feature')} of the products it holds",
            )
        )
    else:
        found.append(tile("Features in use", formats.DASH, "Not known: use of features is not measured"))
    if row["engagement_count"] is not None:
        last = (
            f"Last on {formats.day(row['last_engagement_date'])}"
            if row["last_engagement_date"]
            else "None on record"
        )
        found.append(
            tile(
                "Engagements lately", amount(row["engagement_count"]), last, "red" if row["is_silent"] else ""
            )
        )
    else:
        found.append(tile("Engagements lately", formats.DASH, "Not known: none are recorded"))
    if row["case_count"] is not None:
        found.append(
            tile(
                "Cases in 12 months",
                amount(row["case_count"]),
                f"{count(row['open_case_count'], 'case')} open",
            )
        )
    else:
        found.append(tile("Cases in 12 months", formats.DASH, "Not known: no support system"))
    if row["rated_case_count"]:
        found.append(
            tile(
                "Satisfied with support",
                f"{amount(row['satisfied_case_count'])} of {amount(row['rated_case_count'])}",
                "rated cases of 12 months",
            )
        )
    else:
        found.append(
            tile("Satisfied with support", formats.DASH, "Not known: no case was rated in 12 months")
        )
    if row["nps_answer_count"]:
        against = (
            "1 person" if row["nps_detractor_count"] == 1 else f"{amount(row['nps_detractor_count'])} people"
        )
        found.append(
            tile(
                "Would recommend us",
                f"{amount(row['nps_promoter_count'])} of {amount(row['nps_answer_count'])}",
                f"{against if row['nps_detractor_count'] else 'Nobody'} would advise against us",
            )
        )
    else:
        found.append(tile("Would recommend us", formats.DASH, "Not known: nobody was asked or answered"))
    perception = PERCEPTIONS.get(row["perception"] or "")
    if perception:
        found.append(
            tile(
                "Impact on their business",
                perception[0],
                f"by {count(row['perception_answer_count'], 'answer')}",
                perception[1],
            )
        )
    else:
        found.append(
            tile("Impact on their business", formats.DASH, "Not known: nobody was asked or answered")
        )
    if row["realization_rate"] is not None:
        found.append(
            tile(
                "Success plan reached",
                formats.number(row["realization_rate"], "ratio"),
                "Fails: a goal far off, or a negative impact seen" if row["success_state"] == "failing"
                else "Plan open" if row["has_open_plan"]
                else "Plan closed in the last twelve months",
                "red" if row["success_state"] == "failing" else "",
            )
        )  # fmt: skip
    else:
        found.append(
            tile(
                "Success plan reached",
                formats.DASH,
                "Not known: nothing is told of its objectives" if row["has_open_plan"]
                else "No open success plan" if row["has_open_plan"] is False
                else "Not known: no success plans are on record",
            )
        )  # fmt: skip
    return found


def summary(row: Row) -> list[str]:
    """Segment, region, channel and length of the relationship, as far as they are known."""
    parts = [
        str(row[name]) for name in ("segment", "region", "channel") if row[name] not in (None, "", "unknown")
    ]
    if row["first_revenue_date"]:
        parts.append(f"customer since {formats.day(row['first_revenue_date'])}")
    return parts


class CustomerPages:
    """The rows of the customers that have a page."""

    def __init__(self, rows: dict[str, Rows], currency: str) -> None:
        self.currency = currency
        self.rules: dict[str, Row] = {row["rule_key"]: row for row in rows["risk_rules"]}
        self.customers: dict[str, Row] = {row["customer_id"]: row for row in rows["customers"]}
        self.customer_count: int = rows["customers"][0]["customer_count"] if rows["customers"] else 0
        self._services: dict[str, Row] = {row["customer_id"]: row for row in rows["customer_services"]}
        self._months, self._licences, self._signals, self._events, self._risks, self._activities = (
            by_customer(rows[f"customer_{name}"])
            for name in ("months", "licences", "signals", "events", "risks", "activities")
        )

    def file(self, customer_id: Any) -> str | None:
        """File of a customer's page; None where it has none."""
        return file_of(customer_id) if customer_id in self.customers else None

    def reason(self, key: Any) -> str:
        """Why a customer is at risk, or what pulls it down, in words; empty where there is no reason."""
        if not key:
            return ""
        return self.rules[key]["reason"] if key in self.rules else MEASURES.get(key) or formats.known(key)

    def instruction(self, key: Any) -> str:
        """What to do next by the reason; empty where there is none."""
        return self.rules[key]["instruction"] or "" if key in self.rules else ""

    def page(self, customer_id: str) -> Row:
        """What one page shows."""
        row = self.customers[customer_id]
        events = self._events.get(customer_id, [])
        reasons = [
            (formats.known(reason), row[f"{reason}_case_count"])
            for reason in REASONS
            if row[f"{reason}_case_count"]
        ]
        return {
            "row": row,
            "message": message(row, self.currency),
            "summary": summary(row),
            "status": STATUSES.get(row["relationship_status"] or "", "never paid"),
            "health": formats.CLASSES.get(row["risk_class"]),
            "reason": self.reason(row["primary_reason"]),
            "instruction": self.instruction(row["primary_reason"]),
            "drivers": [self.reason(row[f"driver_{place}"]) for place in (1, 2, 3) if row[f"driver_{place}"]],
            "measures": MEASURES,
            "tiles": tiles(row, revenue(self._months.get(customer_id, []), self.currency), self.currency),
            "signals": self._signals.get(customer_id, []),
            "services": services(self._services.get(customer_id), row["risk_class"], self.currency),
            "licences": self._licences.get(customer_id, []),
            "activities": activities(self._activities.get(customer_id, [])),
            "sources": SOURCES,
            "risks": self._risks.get(customer_id, []),
            "reasons": sorted(reasons, key=lambda reason: (-reason[1], reason[0])),
            "events": [event(found, self.currency) for found in events],
            "event_count": events[0]["event_count"] if events else 0,
        }
