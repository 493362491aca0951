"""What the company sells, in which currencies, and the exchange rates of its ledger.

Money rule of the demo: every monthly price is whole currency units (Stripe) or whole cents (Zuora), discounts
are multiples of 10 %, spot rates have 4 decimals (6 for the yen, whose amounts are whole). So each converted
amount fits into 6 decimals exactly, and no order of rounding can change a total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postsale.demo.clock import Clock, Ints, month_start

CURRENCIES = ["USD", "EUR", "GBP", "JPY"]
USD, EUR, GBP, JPY = range(4)
PRICE_LEVEL = np.array([100, 90, 80, 15000], dtype=np.int64)
"""Local price of one dollar of list price, in hundredths."""

FAMILIES = [
    "Insight",
    "Flow",
    "Guard",
    "Maintenance",
    "Support",
    "Success",
    "Professional Services",
    "Education",
]
MAINTENANCE, SUPPORT, SUCCESS, SERVICES, EDUCATION = 3, 4, 5, 6, 7
RECURRING_FAMILIES = 6
"""The first six families can carry recurring revenue."""


@dataclass(frozen=True)
class Product:
    """One product: ``price`` is US dollars per unit and month, or per unit if it is sold once."""

    name: str
    family: int
    offer_type: str
    licence_model: str
    tier_rank: int
    unit: str
    price: int
    is_recurring: bool = True


PRODUCTS = [
    Product("Insight Essential", 0, "product", "subscription", 1, "seat", 20),
    Product("Insight Professional", 0, "product", "subscription", 2, "seat", 40),
    Product("Insight Enterprise", 0, "product", "subscription", 3, "seat", 70),
    Product("Flow Essential", 1, "product", "subscription", 1, "seat", 10),
    Product("Flow Professional", 1, "product", "subscription", 2, "seat", 30),
    Product("Flow Enterprise", 1, "product", "subscription", 3, "seat", 50),
    Product("Guard Essential", 2, "product", "subscription", 1, "device", 10),
    Product("Guard Professional", 2, "product", "subscription", 2, "device", 20),
    Product("Guard Enterprise", 2, "product", "subscription", 3, "device", 40),
    Product("Insight Server", 0, "product", "perpetual", 2, "seat", 900, False),
    Product("Flow Server", 1, "product", "perpetual", 2, "seat", 600, False),
    Product("Server Maintenance", MAINTENANCE, "maintenance", "subscription", 1, "seat", 15),
    Product("Standard Support", SUPPORT, "support", "", 1, "plan", 200),
    Product("Premier Support", SUPPORT, "support", "", 2, "plan", 500),
    Product("Success Plan", SUCCESS, "success", "", 1, "plan", 400),
    Product("Onboarding Package", SERVICES, "professional_services", "", 1, "package", 3000, False),
    Product("Training Pass", EDUCATION, "education", "", 1, "pass", 900, False),
    Product("Insight API calls", 0, "other", "", 0, "call", 0),
]
INSIGHT_SERVER, FLOW_SERVER, SERVER_MAINTENANCE = 9, 10, 11
STANDARD_SUPPORT, PREMIER_SUPPORT, SUCCESS_PLAN = 12, 13, 14
ONBOARDING, TRAINING, METERED = 15, 16, 17
FAMILY_OF = np.array([product.family for product in PRODUCTS], dtype=np.int64)
LIST_PRICE = np.array([product.price for product in PRODUCTS], dtype=np.int64)

PRICE_RISES = np.array([12 * 2024 + 6, 12 * 2025 + 9], dtype=np.int64)
"""Months (July 2024, October 2025) from which the online list prices rise by one step."""
PRICE_STEP = np.array([100, 110, 120], dtype=np.int64)
"""List price per version, in percent of the first one."""


def online_price(product: Ints, currency: Ints, interval: Ints, version: Ints) -> Ints:
    """Monthly-equivalent price in whole currency units of an online plan billed every ``interval`` months.

    Yearly plans cost 10 % less; yen prices are multiples of 10 so that every discount leaves whole yen.
    """
    hundredths = LIST_PRICE[product] * PRICE_LEVEL[currency] * PRICE_STEP[version] // 100
    hundredths = np.where(interval == 12, hundredths * 9 // 10, hundredths)
    yen = np.maximum(10, (hundredths // 100 + 5) // 10 * 10)
    return np.asarray(np.where(currency == JPY, yen, np.maximum(1, (hundredths + 50) // 100)))


def whole(hundredths: Ints, currency: Ints) -> Ints:
    """Hundredths of a currency unit, rounded to whole units where the currency has no minor unit."""
    return np.where(currency == JPY, (hundredths + 50) // 100 * 100, hundredths)


def half_up(numerator: Ints, denominator: int) -> Ints:
    """Integer division that rounds halves up; both numbers are not negative."""
    return np.asarray((2 * numerator + denominator) // (2 * denominator))


@dataclass(frozen=True)
class Rates:
    """Exchange rates to US dollars in millionths, one row a day, one column a currency."""

    first_day: int
    spot: Ints
    """Millionths of a dollar per unit, shape (days, currencies)."""
    budget: dict[int, Ints]
    """Millionths of a dollar per unit, by calendar year."""

    def on(self, day: int) -> Ints:
        """Spot rates of one day."""
        return np.asarray(self.spot[day - self.first_day])


def fiscal_year_start(as_of: int) -> int:
    """First day of the calendar year that contains ``as_of``."""
    year = int(np.datetime64(as_of, "D").astype("M8[Y]").astype(np.int64))
    return int(np.datetime64(year, "Y").astype("M8[D]").astype(np.int64))


def make_rates(clock: Clock, seed: int) -> Rates:
    """Daily rates by a slow random walk, from a month before the first day needed to the last one."""
    first = min(int(month_start(np.array([clock.first_month]))[0]), fiscal_year_start(clock.as_of)) - 31
    days = clock.as_of - first + 1
    # Drawn backwards from the last day, so that the newest rates do not depend on the number of months.
    steps = np.random.default_rng([seed, 0, 7]).standard_normal((30000, 3))[:days]
    walk = np.exp(0.003 * np.cumsum(steps, axis=0))[::-1]
    spot = np.full((days, 4), 10**6, dtype=np.int64)
    spot[:, EUR] = np.rint(walk[:, 0] * 10900).astype(np.int64) * 100
    spot[:, GBP] = np.rint(walk[:, 1] * 12800).astype(np.int64) * 100
    spot[:, JPY] = np.rint(walk[:, 2] * 6700).astype(np.int64)
    years = range(int(np.datetime64(first, "D").astype("M8[Y]").astype(int)) + 1970, 2027)
    budget = {year: np.array([10**6, 1080000, 1260000, 6800], dtype=np.int64) for year in years}
    return Rates(first, spot, budget)
