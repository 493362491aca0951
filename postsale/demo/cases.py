"""What customers ask support, what it turns out to be, and how it ends.

Everything follows from the hidden causes of the customer: those who lack skill ask how, those who meet defects report them,
the dissatisfied rate worse. Each case draws its numbers from its own id, so a case is the same in every size of the company.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from postsale.demo.catalog import FAMILIES
from postsale.demo.clock import LAST_MONTH, NEVER, NONE, Clock, Flags, Floats, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.frames import Frame, size, take
from postsale.demo.ledger import month_balances, one_time_sales, transactional, true_lines
from postsale.demo.online import Online
from postsale.demo.people import People

KINDS = ["how_to", "install_config", "defect", "usability_performance", "enhancement", "other"]
HOW_TO, INSTALL, DEFECT, PERFORMANCE, ENHANCEMENT, OTHER = range(6)
FOREIGN_WORDS = 6
"""Code of a reason in somebody's own words, which no list knows."""
TOPICS = ["Dashboards", "Import", "Single sign-on", "Reports", "API", "Billing"]
CAUSES = [
    "Import times out",
    "Dashboard loads slowly",
    "Sign-on loops",
    "Totals differ",
    "Sync stops",
    "Column is missing",
]
COMMON_CAUSES = len(CAUSES)
CAUSES += [f"Fault in build {number}" for number in range(240)]
"""Causes that stay for years, then those of one month's build, which hardly anybody has met before."""
FIX_MONTHS = np.where(np.arange(len(CAUSES)) < 2, LAST_MONTH - 12 + 6 * np.arange(len(CAUSES)), NEVER)
"""Months from whose first day the cause is fixed."""
EXCLUSIONS = ["", "merged", "duplicate", "deleted", "internal"]
MERGED, DUPLICATE, DELETED, INTERNAL = 1, 2, 3, 4
ROUTED_AFTER = 240
"""Seconds after which a case is routed to a team, by the help desk or by an agent."""
PRODUCT_FAMILIES = 3
AGENTS = 8
ARTICLES = 40
DAY = 86400
FIRST_ID_MONTH = LAST_MONTH - 1999
OPEN, FIXED, AS_DESIGNED, NOT_SEEN, COPY = range(5)
RESOLUTION_CLASSES = [None, "fixed", "works_as_designed", "cannot_reproduce", "duplicate"]
ISSUES_A_MONTH = 3
"""Issues of each product family and month."""
SIZE = np.array([1.8, 1.0, 0.45])
"""Cases of a customer by segment, relative to the mid-market."""
REPLY_MINUTES = np.array([480, 240, 90, 30])
SOLVE_HOURS = np.array([10, 30, 110, 60, 40, 12])


def noise(seed: int, purpose: str, *keys: Ints) -> Floats:
    """Numbers in [0, 1) that depend on the seed, the purpose and the keys alone (SplitMix64)."""
    state = np.array([(seed * 0x9E3779B97F4A7C15 + zlib.crc32(purpose.encode())) % 2**64], dtype=np.uint64)
    for key in keys:
        state = state + np.asarray(key).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    return np.asarray((state >> np.uint64(11)).astype(np.float64) / 2.0**53)


def poisson(draw: Floats, mean: Floats) -> Ints:
    """Number of events, 0 to 4, of the draws."""
    term = np.exp(-mean)
    below = term.copy()
    count = np.zeros(draw.shape, dtype=np.int64)
    for step in range(1, 5):
        count += draw >= below
        term = term * mean / step
        below = below + term
    return count


def now(clock: Clock) -> int:
    """First second that is not known, in seconds since 1970."""
    return (clock.as_of + 1) * DAY


def routing_share(month: Ints) -> Floats:
    """Share of cases that the help desk routes by itself: it grows with the years."""
    return np.asarray(np.clip(0.75 - 0.02 * (LAST_MONTH - month), 0.1, 0.75))


def known(seconds: Ints, clock: Clock) -> Ints:
    """The moments that have come; the others are unknown."""
    return np.where(seconds < now(clock), seconds, NONE)


@dataclass
class Presence:
    """When customers have what; axes customer, (family,) month."""

    is_active: Flags
    families: Flags
    tenure: Ints
    """Months since the first active one."""


def presence(people: People, online: Online, contracts: Contracts, clock: Clock) -> Presence:
    """Who is a customer in which month, and of which product family."""
    balances = month_balances(true_lines(people, online, contracts), people.count, clock).sum(axis=2) > 0
    recurring = balances.any(axis=1)
    had = np.cumsum(recurring, axis=1) > 0
    is_active = recurring | transactional(people, one_time_sales(online, contracts, clock), had, clock)
    first = np.where(is_active.any(axis=1), is_active.argmax(axis=1), 0)
    tenure = np.arange(clock.months)[None, :] - first[:, None]
    return Presence(is_active, balances[:, :PRODUCT_FAMILIES], tenure)


def issue_months(clock: Clock) -> Ints:
    """Months in which issues were written."""
    return np.arange(clock.first_month, LAST_MONTH + 1, dtype=np.int64)


def issues(numbers: Ints, seed: int, clock: Clock) -> Frame:
    """Issues by number: family, month of creation, resolution and its moment (unknown while open), class."""
    month, family, place = numbers // 9, numbers // 3 % 3, numbers % 3
    created = month_start(month) * DAY + 21600
    draw = noise(seed, "issue", numbers)
    outcome = np.select(
        [draw < 0.62, draw < 0.74, draw < 0.81, (draw < 0.90) & (place > 0), draw < 0.90],
        [FIXED, AS_DESIGNED, NOT_SEEN, COPY, FIXED],
        OPEN,
    )
    resolved = created + DAY * (5 + (noise(seed, "issue days", numbers) * 85).astype(np.int64)) + 7200
    resolved = np.where(outcome == OPEN, NONE, known(resolved, clock))
    resolution = np.where(resolved == NONE, OPEN, outcome)
    return {
        "issue": numbers,
        "month": month,
        "family": family,
        "created": created,
        "resolution": resolution,
        "resolved": resolved,
        "original": np.where(resolution == COPY, numbers - place, NONE),
    }


def issue_class(numbers: Ints, seed: int, clock: Clock) -> Ints:
    """What each issue makes of its cases: a duplicate is what its original is."""
    own = issues(numbers, seed, clock)
    original = issues(numbers - numbers % 3, seed, clock)["resolution"]
    resolution = np.where(own["resolution"] == COPY, original, own["resolution"])
    return np.where(np.isin(resolution, (AS_DESIGNED, NOT_SEEN)), HOW_TO, DEFECT)


def article_created(clock: Clock) -> Ints:
    """Seconds at which the articles of the help center were written."""
    first = clock.first_month - 6
    months = first + np.arange(ARTICLES, dtype=np.int64) * (clock.months + 5) // ARTICLES
    return month_start(months) * DAY + 36000


def run_cases(people: People, there: Presence, seed: int, clock: Clock) -> Frame:
    """All cases of a block; moments are seconds since 1970, unknown where they have not come."""
    opened = open_cases(people, there, seed, clock)
    cases = handle(opened, people, seed, clock)
    copies = {**cases, **twins(cases, seed, clock)}
    chosen = noise(seed, "twin", cases["number"]) < 0.03
    copies = take(copies, chosen)
    # The ticket that lives on names the one merged into it.
    cases["merged"] = np.full(size(cases), NONE)
    places = np.nonzero(chosen)[0][copies["exclusion"] == MERGED]
    cases["merged"][places] = cases["number"][places] + 1
    copies["merged"] = np.full(size(copies), NONE)
    return {name: np.concatenate([cases[name], copies[name]]) for name in cases}


def open_cases(people: People, there: Presence, seed: int, clock: Clock) -> Frame:
    """Who opens which case when, and about what."""
    months = np.arange(clock.first_month, LAST_MONTH + 1, dtype=np.int64)
    early = there.tenure < 3
    means = np.stack(
        [
            0.5 * (1.25 - people.skill)[:, None] * np.where(early, 1.8, 1.0),
            np.where(there.tenure < 2, 0.5, 0.04),
            0.6 * np.repeat(people.defect_rate[:, None], clock.months, axis=1),
            0.12 * np.repeat((1.2 - people.adoption)[:, None], clock.months, axis=1),
            0.10 * np.repeat(people.adoption[:, None], clock.months, axis=1),
            np.full(early.shape, 0.06),
        ],
        axis=2,
    )
    means = means * SIZE[people.segment][:, None, None] * there.is_active[:, :, None]
    kinds = np.arange(6, dtype=np.int64)[None, None, :]
    draw = noise(seed, "cases", people.index[:, None, None], months[None, :, None], kinds)
    counts = poisson(draw, means)
    who, at, kind = np.nonzero(counts)
    times = counts[who, at, kind]
    who, at, kind = (np.repeat(part, times) for part in (who, at, kind))
    ordinal = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    month = months[at]
    number = (((people.index[who] * 2000 + month - FIRST_ID_MONTH) * 6 + kind) * 4 + ordinal) * 2
    held = there.families[who, :, at]
    wanted = (noise(seed, "family", number) * np.maximum(held.sum(axis=1), 1)).astype(np.int64)
    rank = np.where(held, np.cumsum(held, axis=1) - 1, -1)
    family = np.where(held.any(axis=1), (rank == wanted[:, None]).argmax(axis=1), 0)
    cause = (noise(seed, "cause", number) * COMMON_CAUSES).astype(np.int64)
    is_of_build = noise(seed, "build", number) < 0.25
    cause = np.where(is_of_build, COMMON_CAUSES + month % (len(CAUSES) - COMMON_CAUSES), cause)
    has_cause = np.isin(kind, (DEFECT, PERFORMANCE)) & (noise(seed, "has cause", number) < 0.8)
    cause = np.where(has_cause, cause, -1)
    prevented = has_cause & (month >= FIX_MONTHS[cause]) & (noise(seed, "prevented", number) < 0.75)
    day = month_start(month) + (noise(seed, "day", number) * 28).astype(np.int64)
    child = (people.children[who] > 0) & (noise(seed, "account", number) < 0.3)
    account = people.index[who] * 10 + child
    rows = {
        "number": number,
        "customer": who,
        "account": np.where(people.is_unmatched[who], NONE, account),
        "requester": account * 10 + (noise(seed, "user", number) * 3).astype(np.int64),
        "month": month,
        "kind": kind,
        "family": family,
        "cause": cause,
        "created": day * DAY + 28800 + (noise(seed, "second", number) * 36000).astype(np.int64),
        "topic": (noise(seed, "topic", number) * len(TOPICS)).astype(np.int64),
        "severity": np.searchsorted(
            np.array([0.25, 0.7, 0.92]), noise(seed, "severity", number) + 0.2 * (kind == DEFECT)
        ),
        "channel": (noise(seed, "channel", number) * 4).astype(np.int64),
        "agent": (noise(seed, "agent", number) * AGENTS).astype(np.int64),
    }
    return take({name: np.asarray(column, dtype=np.int64) for name, column in rows.items()}, ~prevented)


def handle(cases: Frame, people: People, seed: int, clock: Clock) -> Frame:
    """What becomes of each case: replies, solving, reopening, rating, links."""
    number, kind, created = cases["number"], cases["kind"], cases["created"]

    def draw(purpose: str) -> Floats:
        return noise(seed, purpose, number)

    is_defect = kind == DEFECT
    back_in_time = LAST_MONTH - cases["month"]
    # The bot learns to answer, and to route what it cannot answer.
    automated = (kind == HOW_TO) & (draw("automated") < np.clip(0.28 - 0.006 * back_in_time, 0.05, 0.28))
    routed = automated | (draw("routed") < routing_share(cases["month"]))
    replied = created + 60 * (REPLY_MINUTES[cases["severity"]] * (0.4 + 1.2 * draw("reply"))).astype(np.int64)
    took = 3600 * SOLVE_HOURS[kind] * (0.4 + 1.4 * draw("solve"))
    solved = np.where(automated, created + 600, replied + 600 + took.astype(np.int64))
    replies = np.where(automated, 0, 1 + (draw("replies") * 2).astype(np.int64) + 2 * is_defect)
    reopens = ~automated & (draw("reopen") < 0.07)
    reopened = solved + ((0.5 + 1.5 * draw("reopened")) * DAY).astype(np.int64)
    again = reopened + ((0.5 + 2 * draw("again")) * DAY).astype(np.int64)
    solved, reopened = known(solved, clock), np.where(reopens, known(reopened, clock), NONE)
    again = np.where(reopened == NONE, NONE, known(again, clock))
    final = np.where(reopened == NONE, solved, again)
    closed = np.where(final == NONE, NONE, known(final + 4 * DAY, clock))
    replied = np.where(automated, NONE, known(replied, clock))

    unsure = draw("words")
    first = np.where(is_defect & (draw("first") < 0.2), HOW_TO, kind)
    first = np.where((kind == HOW_TO) & (draw("first") < 0.08), DEFECT, first)
    last = np.where(unsure < 0.045, FOREIGN_WORDS, kind)
    first, last = np.where(unsure < 0.03, -1, first), np.where(unsure < 0.03, -1, last)
    last = np.where(solved == NONE, first, last)

    back = (draw("issue month") * 3).astype(np.int64)
    issue_month = np.maximum(cases["month"] - back, clock.first_month)
    place = (draw("issue place") * ISSUES_A_MONTH).astype(np.int64)
    linked = is_defect & (draw("linked") < 0.7)
    issue = np.where(linked, (issue_month * 3 + cases["family"]) * 3 + place, NONE)
    problem = np.where(
        is_defect & ~linked & (draw("problem") < 0.5), cases["month"] * 3 + cases["family"], NONE
    )

    dissatisfied = people.dissatisfaction[cases["customer"]]
    good = 0.97 - 0.22 * is_defect - 0.45 * dissatisfied
    answers = draw("rating") < np.where(automated, 0.2, 0.42)
    rated = np.where((final != NONE) & answers, known(final + DAY + 1800, clock), NONE)
    asks = np.isin(kind, (HOW_TO, INSTALL)) & (replied != NONE)
    article = (draw("article") * ARTICLES).astype(np.int64)
    links = asks & (draw("link") < 0.55) & (article_created(clock)[article] < created)
    # Who finds the answer written down needs not find it out.
    minutes = (6 + 14 * replies * np.where(is_defect, 1.5, 1.0)) * (0.7 + 0.6 * draw("minutes"))
    minutes = minutes * np.where(links, 0.7, 1.0)
    tracked = ~automated & (draw("tracked") < 0.9) & (solved != NONE)

    writes = asks & (draw("link") >= 0.95) & (solved != NONE)
    return {
        **cases,
        "automated": automated.astype(np.int64),
        "routed": routed.astype(np.int64),
        "replied": replied,
        "replies": np.where(replied == NONE, 0, replies),
        "solved": solved,
        "reopened": reopened,
        "again": again,
        "final": final,
        "closed": closed,
        "first_reason": first,
        "last_reason": last,
        "issue": issue,
        "problem": problem,
        "rated": rated,
        "good": np.where(rated == NONE, NONE, draw("good") < good),
        "seconds": np.where(tracked, 60 * minutes.astype(np.int64), NONE),
        "is_measured": (draw("measured") >= 0.05).astype(np.int64),
        "article": np.where(links, article, np.where(writes, ARTICLES + number, NONE)),
        "exclusion": np.zeros(len(number), dtype=np.int64),
    }


def twins(cases: Frame, seed: int, clock: Clock) -> Frame:
    """The columns in which a ticket that is no case of a customer differs from the one it resembles."""
    number = cases["number"] + 1
    count = size(cases)
    none, nothing = np.full(count, NONE), np.zeros(count, dtype=np.int64)
    created = cases["created"] + 3600
    solved = known(created + 7200, clock)
    kind = noise(seed, "exclusion", number)
    exclusion = np.select([kind < 0.5, kind < 0.7, kind < 0.85], [MERGED, DUPLICATE, DELETED], INTERNAL)
    return {
        "number": number,
        "created": created,
        "automated": nothing,
        "replied": none,
        "replies": nothing,
        "solved": solved,
        "reopened": none,
        "again": none,
        "final": solved,
        "closed": np.where(solved == NONE, NONE, known(solved + 4 * DAY, clock)),
        "last_reason": cases["first_reason"],
        "issue": none,
        "problem": none,
        "rated": none,
        "good": none,
        "seconds": none,
        "article": none,
        "exclusion": exclusion,
    }


def reply_moments(cases: Frame, clock: Clock) -> Frame:
    """Every public reply of an agent: row of the case, moment. Replies stand evenly between the first one and the solving."""
    row = np.repeat(np.arange(size(cases)), cases["replies"])
    step = np.arange(len(row)) - np.repeat(np.cumsum(cases["replies"]) - cases["replies"], cases["replies"])
    # Where the solving has not come, replies follow each other by six hours.
    first, last = cases["replied"][row], cases["solved"][row]
    share = np.where(
        last == NONE, step * 21600, (last - first) * step // np.maximum(cases["replies"][row], 1)
    )
    moment = known(first + share, clock)
    chosen = moment != NONE
    return {"row": row[chosen], "moment": moment[chosen]}


def confirmed(cases: Frame, seed: int, clock: Clock) -> Ints:
    """What the cases turned out to be: code of KINDS, -1 = unclassified."""
    of_issue = issue_class(np.where(cases["issue"] == NONE, 9, cases["issue"]), seed, clock)
    told = np.where(cases["last_reason"] == FOREIGN_WORDS, -1, cases["last_reason"])
    return np.where(
        cases["issue"] != NONE, of_issue, np.where(cases["problem"] != NONE, np.int64(DEFECT), told)
    )


def run_sessions(people: People, there: Presence, seed: int, clock: Clock) -> Frame:
    """Visits to self-service; answers of the survey are unknown where nobody answered."""
    months = np.arange(clock.first_month, LAST_MONTH + 1, dtype=np.int64)
    mean = 1.2 * people.adoption[:, None] * SIZE[people.segment][:, None] * there.is_active
    counts = poisson(noise(seed, "sessions", people.index[:, None], months[None, :]), mean)
    who, at = np.nonzero(counts)
    times = counts[who, at]
    who, at = np.repeat(who, times), np.repeat(at, times)
    ordinal = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    number = (people.index[who] * 2000 + months[at] - FIRST_ID_MONTH) * 4 + ordinal

    def draw(purpose: str) -> Floats:
        return noise(seed, purpose, number)

    answered = draw("survey") < 0.4
    day = month_start(months[at]) + (draw("session day") * 28).astype(np.int64)
    rows = {
        "number": number,
        "customer": who,
        "account": np.where(people.is_unmatched[who], NONE, people.index[who] * 10),
        "user": people.index[who] * 100 + (draw("session user") * 3).astype(np.int64),
        "started": day * DAY + 25200 + (draw("session second") * 40000).astype(np.int64),
        "entitled": draw("entitled") < 0.9,
        "found": np.where(answered, draw("found") < 0.35 + 0.3 * people.skill[who], NONE),
        "intended": np.where(answered, draw("intended") < 0.6, NONE),
        "done": np.where(answered, draw("done") < 0.8, NONE),
        "channel": (draw("session channel") * 3).astype(np.int64),
        "article": (draw("session article") * ARTICLES).astype(np.int64),
    }
    return {name: np.asarray(column, dtype=np.int64) for name, column in rows.items()}


def release_names(family: Ints, month: Ints) -> list[str]:
    """Release in use in a month: one a quarter and product family."""
    return [
        f"{FAMILIES[f]} {m // 12}.{m % 12 // 3 + 1}"
        for f, m in zip(family.tolist(), month.tolist(), strict=True)
    ]
