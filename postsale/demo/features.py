"""What a demo company contains, counted, so that nobody has to search for an example."""

from __future__ import annotations

from collections import Counter

import numpy as np

from postsale.demo.catalog import (
    CURRENCIES,
    FLOW_SERVER,
    INSIGHT_SERVER,
    MAINTENANCE,
    PRODUCTS,
    SUCCESS,
    SUPPORT,
)
from postsale.demo.clock import NEVER, Clock, Ints
from postsale.demo.contracts import CANCEL, LAPSED, NOTICE, RENEWAL, UPDATE, Contracts
from postsale.demo.online import (
    AMOUNT_COUPONS,
    CANCELED,
    COUPONS,
    DURATIONS,
    NON_PAYMENT,
    PAST_DUE,
    PAUSED,
    TRIALING,
    UNPAID,
    Online,
)
from postsale.demo.people import BOTH, People


def count_features(people: People, online: Online, contracts: Contracts, clock: Clock) -> Counter[str]:
    """Count the special cases of one block; a count is of rows, not of customers."""
    found: Counter[str] = Counter()

    def note(name: str, flags: object) -> None:
        found[name] += int(np.asarray(flags).sum())

    family = np.array([product.family for product in PRODUCTS])
    note("accounts: children", people.children)
    note("accounts: grandchildren", (people.children >= 2) & (people.index % 3 == 0))
    note("accounts: merged away", people.merged)
    note("accounts: billed in both systems", people.model == BOTH)
    note("accounts: online without a CRM account", people.is_unmatched)
    for code, currency in enumerate(CURRENCIES):
        note(f"currency: {currency}", people.currency == code)

    subs, lines = online.subscriptions, online.lines
    tried = subs["trial_start"] > 0
    never_paid = tried & (subs["start"] <= subs["trial_start"])
    note("online: trial converted", tried & ~never_paid & (subs["status"] != TRIALING))
    note("online: trial lost", never_paid & (subs["status"] == CANCELED))
    note("online: trial running", subs["status"] == TRIALING)
    note("online: past due", subs["status"] == PAST_DUE)
    note("online: unpaid", subs["status"] == UNPAID)
    note("online: paused on the last day", subs["status"] == PAUSED)
    days = online.pauses["end"] - online.pauses["start"]
    note("online: pause within grace", days <= 30)
    note("online: pause beyond grace", days > 30)
    note(
        "online: cancels at the end of the period",
        (subs["cancel_at"] > clock.as_of) & (subs["cancel_at"] < NEVER),
    )
    note("online: cancelled at once", (lines["until"] < lines["end"]) & (lines["slot"] == 0))
    note("online: lost by non-payment", (subs["reason"] == NON_PAYMENT) & (subs["status"] == CANCELED))
    note("online: change within a period", online.prorations["sub"] > 0)
    note("online: second item", lines["slot"] == 1)
    note("online: second item taken off", taken_off(online))
    note("online: change of tier", changes(lines, "product"))
    note("online: list price rise accepted", changes(lines, "version"))
    note("online: metered use", online.usage["sub"] > 0)
    note("online: onboarding fee", online.fees["sub"] > 0)
    for code, duration in enumerate(DURATIONS):
        note(f"coupon: {duration}", COUPONS[online.discounts["coupon"], 0] == code)
    note("coupon: amount off", np.isin(online.discounts["coupon"], AMOUNT_COUPONS))
    note("coupon: of the account", online.discounts["is_account"] == 1)

    segments, terms, versions = contracts.segments, contracts.terms, contracts.versions
    contract_subs = contracts.subscriptions
    note("contract: evergreen", contract_subs["is_evergreen"])
    note("contract: multi-year term", (terms["months"] > 12) & (terms["is_evergreen"] == 0))
    note("contract: free months", segments["mrr"] == 0)
    note("contract: ramp or uplift within a term", planned_rises(contracts))
    note("contract: amendment", versions["kind"] == UPDATE)
    note("contract: renewal", versions["kind"] == RENEWAL)
    note("contract: cancellation", versions["kind"] == CANCEL)
    note("contract: notice of non-renewal", versions["kind"] == NOTICE)
    note("contract: cancelled within the term", cut_short(contracts))
    note("contract: lapse", terms["outcome"] == LAPSED)
    note("contract: renewal signed ahead", terms["start"] > clock.as_of)
    note("contract: linked replacement", contracts.links["sub"] > 0)
    note("contract: replacement before the end", overlapping(contracts))
    note("contract: change of tier", changes(segments, "product"))
    note("contract: returned customer", terms["is_return"])
    for code, name in ((MAINTENANCE, "maintenance"), (SUPPORT, "support"), (SUCCESS, "success")):
        note(f"offer: {name}", family[segments["product"]] == code)
    note("offer: perpetual licence", np.isin(contracts.purchases["product"], (INSIGHT_SERVER, FLOW_SERVER)))
    note("offer: one-time service", ~np.isin(contracts.purchases["product"], (INSIGHT_SERVER, FLOW_SERVER)))
    return found


def changes(lines: dict[str, Ints], column: str) -> Ints:
    """Places where a column of a subscription's main line changes from one stretch to the next."""
    main = lines["slot"] == 0
    sub, start, value = lines["sub"][main], lines["start"][main], lines[column][main]
    order = np.lexsort((start, sub))
    sub, value = sub[order], value[order]
    return np.asarray((sub[1:] == sub[:-1]) & (value[1:] != value[:-1]), dtype=np.int64)


def taken_off(online: Online) -> Ints:
    """Lines with which a second item ends although its subscription goes on."""
    lines = online.lines
    gone = np.unique(lines["sub"][(lines["slot"] == 0) & (lines["is_cancelled"] == 1)])
    return np.asarray(
        (lines["slot"] == 1) & (lines["is_cancelled"] == 1) & ~np.isin(lines["sub"], gone), dtype=np.int64
    )


def planned_rises(contracts: Contracts) -> Ints:
    """Segments of multi-year terms that were planned from the start at a higher amount."""
    segments = contracts.segments
    order = np.lexsort((segments["start"], segments["charge"]))
    charge, version, mrr = (segments[name][order] for name in ("charge", "version", "mrr"))
    same = (charge[1:] == charge[:-1]) & (version[1:] == version[:-1])
    return np.asarray(same & (mrr[1:] > mrr[:-1]) & (mrr[:-1] > 0), dtype=np.int64)


def cut_short(contracts: Contracts) -> Ints:
    """Terms that ended before their planned months were over."""
    terms = contracts.terms
    planned = terms["start"] + terms["months"] * 30
    return np.asarray((terms["is_evergreen"] == 0) & (terms["end"] < planned - 20), dtype=np.int64)


def overlapping(contracts: Contracts) -> Ints:
    """Linked replacements that start while their predecessor still runs."""
    links, subs = contracts.links, contracts.subscriptions
    if not len(links["sub"]):
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(subs["sub"])
    end = subs["end"][order[np.searchsorted(subs["sub"][order], links["sub"])]]
    return np.asarray(links["start"] < end, dtype=np.int64)
