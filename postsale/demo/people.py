"""Who the customers are, and the hidden causes of what they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from postsale.demo.catalog import EUR, GBP, JPY, USD
from postsale.demo.clock import LAST_MONTH, Clock, Flags, Floats, Ints
from postsale.demo.dice import BLOCK, Dice, choose
from postsale.demo.frames import Frame, Rows, text_ids

SEGMENTS = ["Enterprise", "Mid-market", "SMB"]
REGIONS = ["Americas", "EMEA", "APAC"]
CHANNELS = ["direct", "partner", "online"]
INDUSTRIES = [
    "Software",
    "Manufacturing",
    "Financial Services",
    "Healthcare",
    "Retail",
    "Public Sector",
    "Logistics",
]
COUNTRIES = [
    "United States",
    "Canada",
    "Brazil",
    "Germany",
    "France",
    "United Kingdom",
    "Sweden",
    "Japan",
    "Singapore",
]
COUNTRY_CODES = ["US", "CA", "BR", "DE", "FR", "GB", "SE", "JP", "SG"]
COUNTRY_CURRENCY = np.array([USD, USD, USD, EUR, EUR, GBP, EUR, JPY, USD], dtype=np.int64)
REGION_COUNTRIES = np.array(
    [
        [0.80, 0.14, 0.06, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0.35, 0.2, 0.3, 0.15, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0.6, 0.4],
    ]
)

STRIPE, ZUORA, BOTH, PERPETUAL, LICENCES, PROSPECT = range(6)
MODELS = ["stripe", "zuora", "both", "perpetual", "licences", "prospect"]
MODEL_SHARES = np.array(
    [
        [0.00, 0.62, 0.13, 0.20, 0.03, 0.02],
        [0.25, 0.46, 0.10, 0.11, 0.04, 0.04],
        [0.86, 0.03, 0.02, 0.00, 0.02, 0.07],
    ]
)

FIRST_WORDS = [
    "Alder",
    "Bright",
    "Cedar",
    "Delta",
    "Eiger",
    "Fjord",
    "Granite",
    "Harbor",
    "Ivory",
    "Juniper",
    "Krüger",
    "Lumen",
    "Meridian",
    "Nordström",
    "Orchid",
    "Pinnacle",
    "Quartz",
    "René",
    "Summit",
    "Tañón",
    "Umbra",
    "Vertex",
    "Willow",
    "Zephyr",
]
SECOND_WORDS = [
    "Foods",
    "Logistics",
    "Systems",
    "Energy",
    "Bank",
    "Health",
    "Motors",
    "Media",
    "Labs",
    "Textiles",
    "Insurance",
    "Robotics",
    "Airlines",
    "Hotels",
    "Chemicals",
    "Partners",
]
ENDINGS = ["Inc.", "GmbH", "Ltd", "AG", "LLC", "S.A.", "AB", "& Co., Ltd.", "K.K.", "Group"]
ODD_NAMES = [
    "=1+1",
    "<script>alert(1)</script>",
    "Müller, Söhne & Töchter KG",
    'The "Quoted" Company, Inc.',
    "O'Brien; Sons",
]


@dataclass
class People:
    """One block of customers; every array has one entry per customer."""

    index: Ints
    segment: Ints
    region: Ints
    country: Ints
    currency: Ints
    channel: Ints
    industry: Ints
    model: Ints
    join_month: Ints
    join_dom: Ints
    children: Ints
    """Child accounts, 0 to 3."""
    merged: Ints
    """Accounts merged into this customer's, 0 to 2: ordinal 9 into the parent, ordinal 8 into child 1."""
    is_unmatched: Flags
    """Billed online without a CRM account."""
    skill: Floats
    adoption: Floats
    success: Floats
    defect_rate: Floats
    """Defects met per month."""
    dissatisfaction: Floats
    renewal_probability: Floats
    """Chance of a renewal after one year."""
    names: list[str]

    @property
    def count(self) -> int:
        """Customers in the block."""
        return len(self.index)

    def customer_ids(self) -> pa.Array:
        """Ids as the warehouse knows them: the ultimate parent's account, else the billing account."""
        crm = text_ids("salesforce:001DM", self.index * 10, 10, "AAA")
        alone = text_ids("unmatched:stripe:cus_", self.index * 10)
        flags = self.is_unmatched.astype(np.int64)
        both = pa.chunked_array([crm, alone])
        return both.take(pa.array(np.arange(self.count) + flags * self.count)).combine_chunks()

    def account_ordinal(self, stream: Ints, customer: Ints) -> Ints:
        """Account (0 = ultimate parent) that buys stream number ``stream`` of each (local) customer."""
        children = self.children[customer]
        child = np.where(children > 0, 1 + (stream + customer) % np.maximum(children, 1), 0)
        account = np.where(stream % 2 == 1, child, 0)
        merged = self.merged[customer]
        account = np.where((merged > 0) & (stream == 0), 9, account)
        return np.where((merged > 1) & (stream % 2 == 1), 8, account)


def draw_people(dice: Dice, block: int, customers: int, clock: Clock) -> People:
    """Draw one block of ``customers`` customers."""
    index = np.arange(customers, dtype=np.int64) + block * BLOCK
    draw = dice.uniform("people", 16)
    segment = choose(draw[:, 0], np.array([0.15, 0.35, 0.50]))
    region = choose(draw[:, 1], np.array([0.46, 0.34, 0.20]))
    country = choose(draw[:, 2], REGION_COUNTRIES[region])
    channels = np.array([[0.72, 0.28, 0.0], [0.50, 0.35, 0.15], [0.08, 0.17, 0.75]])
    model = choose(draw[:, 4], MODEL_SHARES[segment])
    # The base that moved into the books in the first month, then a stream of joiners that grows with time.
    grown = np.floor(clock.months * np.sqrt(draw[:, 6])).astype(np.int64)
    join = np.where(draw[:, 5] < 0.35, 0, np.minimum(grown, clock.months - 1))
    children = np.where((segment < 2) & (draw[:, 8] < 0.20), 1 + (draw[:, 9] * 3).astype(np.int64), 0)
    children = np.where((index % 20 == 3) & (children == 0), 1 + index % 3, children)
    merged = np.where(index % 20 == 3, 1 + index // 20 % 2, np.where(draw[:, 10] < 0.03, 1, 0))
    merged = np.where(children == 0, np.minimum(merged, 1), merged)
    is_unmatched = (model == STRIPE) & ((draw[:, 11] < 0.012) | (index % 60 == 17))
    children, merged = np.where(is_unmatched, 0, children), np.where(is_unmatched, 0, merged)

    noise = dice.normal("causes", 4)
    skill = np.clip(0.55 + 0.20 * noise[:, 0], 0.02, 0.98)
    adoption = np.clip(0.15 + 0.70 * skill + 0.12 * noise[:, 1], 0.02, 0.98)
    success = np.clip(0.10 + 0.78 * adoption + 0.12 * noise[:, 2], 0.02, 0.98)
    defect_rate: Floats = np.exp(-1.2 + 0.7 * noise[:, 3])
    dissatisfaction = np.clip(0.55 * defect_rate + 0.35 * (1 - success) - 0.15, 0.0, 1.0)
    size_effect = np.array([0.035, 0.015, -0.02])[segment]
    renewal = np.clip(0.805 + 0.20 * success - 0.16 * dissatisfaction + size_effect, 0.45, 0.985)

    return People(
        index=index,
        segment=segment,
        region=region,
        country=country,
        currency=COUNTRY_CURRENCY[country],
        channel=choose(draw[:, 3], channels[segment]),
        industry=(draw[:, 12] * len(INDUSTRIES)).astype(np.int64),
        model=model,
        join_month=np.minimum(clock.first_month + join, LAST_MONTH),
        join_dom=1 + (draw[:, 7] * 28).astype(np.int64),
        children=children,
        merged=merged,
        is_unmatched=is_unmatched,
        skill=skill,
        adoption=adoption,
        success=success,
        defect_rate=defect_rate,
        dissatisfaction=dissatisfaction,
        renewal_probability=renewal,
        names=make_names(index, draw[:, 13:16]),
    )


def make_names(index: Ints, draw: Floats) -> list[str]:
    """Company names; the first customers carry the awkward ones."""
    first = (draw[:, 0] * len(FIRST_WORDS)).astype(int)
    second = (draw[:, 1] * len(SECOND_WORDS)).astype(int)
    ending = (draw[:, 2] * len(ENDINGS)).astype(int)
    return [
        ODD_NAMES[i] if i < len(ODD_NAMES) else f"{FIRST_WORDS[a]} {SECOND_WORDS[b]} {ENDINGS[c]}"
        for i, a, b, c in zip(index.tolist(), first.tolist(), second.tolist(), ending.tolist(), strict=True)
    ]


def accounts(people: People) -> Frame:
    """CRM accounts of the block; the account number is customer * 10 + ordinal."""
    rows = Rows("account", "customer", "ordinal", "parent", "master")
    local = np.arange(people.count, dtype=np.int64)
    known = ~people.is_unmatched
    missing = -(10**9)
    base = people.index * 10
    rows.add(
        int(known.sum()),
        account=base[known],
        customer=local[known],
        ordinal=0,
        parent=missing,
        master=missing,
    )
    for child in (1, 2, 3):
        has = known & (people.children >= child)
        # A third of the families have a grandchild: the second child hangs under the first.
        deep = (child == 2) & (people.index % 3 == 0)
        parent = np.where(deep, base + 1, base)
        rows.add(
            int(has.sum()),
            account=(base + child)[has],
            customer=local[has],
            ordinal=child,
            parent=parent[has],
            master=missing,
        )
    for count, ordinal, target in ((1, 9, 0), (2, 8, 1)):
        has = known & (people.merged >= count)
        rows.add(
            int(has.sum()),
            account=(base + ordinal)[has],
            customer=local[has],
            ordinal=ordinal,
            parent=missing,
            master=(base + target)[has],
        )
    frame = rows.frame()
    order = np.argsort(frame["account"], kind="stable")
    return {name: column[order] for name, column in frame.items()}
