"""The scorecard pages: what they say, that they are safe, and how a browser sees them."""

from __future__ import annotations

import html
import html.parser
import json
import os
import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale import charts, cli, formats
from postsale.customer_pages import file_of
from postsale.render import REPORTS, RenderError, Scorecard, environment, read_marts, render
from tests.python import fixture_marts

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = Path(os.environ.get("POSTSALE_CHROMIUM", "/usr/bin/chromium"))
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VOID = {"meta", "br", "link", "img", "input", "hr", "path", "circle", "rect", "line", "use", "stop"}


def quiet(_: str) -> None:
    """Swallows messages."""


def files(folder: Path) -> dict[str, str]:
    """Every page below a folder by its path."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixture_marts.build(tmp_path_factory.mktemp("serve") / "postsale.duckdb")


@pytest.fixture(scope="module")
def pages(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(database, tmp_path_factory.mktemp("out"), quiet).parent


class Outline(html.parser.HTMLParser):
    """Elements, ids, links, headings and visible text of a page; unclosed or crossed elements are noted."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.stack: list[str] = []
        self.crossed: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.stack and self.stack[-1] == tag:
            self.stack.pop()
        elif tag not in VOID:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self.stack:
            self.text += data


# formats


@pytest.mark.parametrize(
    ("value", "unit", "style", "compact", "expected"),
    [
        ("1.031", "ratio", None, False, "103.1\u00a0%"),
        ("0.8955", "ratio", "percent_0", False, "90\u00a0%"),
        ("1240310", "money", None, True, "$1.24M"),
        ("1240310", "money", None, False, "$1,240,310"),
        ("999999", "money", None, True, "$1.00M"),
        ("999499", "money", None, True, "$999K"),
        ("19704", "money", None, True, "$19.7K"),
        ("-53200", "money", None, True, "−$53.2K"),
        ("-0.4", "money", None, False, "$0"),
        ("1204", "count", None, False, "1,204"),
        ("8.93", "count", None, False, "8.9"),
        ("31.2", "months", None, False, "31.2\u00a0months"),
        ("8.93", "count", "years", False, "8.9\u00a0years"),
        ("0.0184", "ratio", "points", False, "1.8\u00a0pp"),
        ("31", "score", "points", True, "31.0\u00a0points"),
        ("123.2", "money", "decimal", True, "$123.20"),
        (None, "ratio", None, False, "–"),
    ],
)
def test_numbers(value: str | None, unit: str, style: str | None, compact: bool, expected: str) -> None:
    assert formats.number(None if value is None else Decimal(value), unit, style, "USD", compact) == expected


def test_changes_carry_their_sign() -> None:
    assert formats.change(Decimal("-0.018"), "ratio") == "−1.8\u00a0pp"
    assert formats.change(Decimal("0.0001"), "ratio") == "0.0\u00a0pp"
    assert formats.change(Decimal(880000), "money") == "+$880K"
    assert formats.money(Decimal(1240310), "CHF", compact=True) == "CHF\u00a01.24M"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (None, "no data"),
        ({"verdict": "small_n", "n": 3, "value": None}, "too few customers (n\u00a0=\u00a03)"),
        (
            {"verdict": "low_coverage", "coverage": Decimal("0.41"), "value": Decimal(1)},
            "low coverage (41\u00a0%)",
        ),
        ({"verdict": "provisional", "value": Decimal(1)}, "provisional"),
        ({"verdict": "no_data", "value": None}, "no data"),
        ({"verdict": "ok", "value": None}, "no data"),
        ({"verdict": "ok", "value": Decimal(1)}, ""),
    ],
)
def test_verdicts_in_words(row: dict[str, Any] | None, expected: str) -> None:
    assert formats.verdict(row, "customer") == expected


def test_anchors_do_not_collide() -> None:
    names = ["EMEA", "emea", "Émea", "<script>", "a b", "a-b", ""]
    assert len({formats.slug("segment", name) for name in names}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9_-]+", formats.slug(name)) for name in names)


def test_effect_on_the_business_follows_the_direction() -> None:
    assert formats.good(Decimal(1), "higher_is_better") == "good"
    assert formats.good(Decimal(1), "lower_is_better") == "bad"
    assert formats.good(Decimal(0), "lower_is_better") == formats.good(None, "higher_is_better") == ""
    assert formats.good(Decimal(1), "neutral") == ""


# pages


def test_home_has_sixteen_tiles_and_says_what_is_missing(pages: Path) -> None:
    text = (pages / "index.html").read_text(encoding="utf-8")
    assert text.count('<article class="tile') == 16
    assert text.count('<article class="tile empty"') == 3
    assert text.count("No data yet – needs: ") == 3
    assert re.search(
        r"Net revenue retention is \d+\.\d\u00a0%, \d+\.\d\u00a0points (above|below) target", text
    )
    assert "12 months to Jun\u00a02025" in text, "the newest period is provisional and stays off the headline"
    assert "to Jul\u00a02025" not in text
    for words in (
        "vs prior month",
        "vs prior year",
        "coverage",
        "n = ",
        "Rows in",
        "Exports absent",
        "9f2c41d07ab3",
    ):
        assert words in text


def test_every_grey_tile_names_what_it_needs(tmp_path: Path) -> None:
    text = render(fixture_marts.build(tmp_path / "postsale.duckdb", empty=True), tmp_path, quiet).read_text(
        encoding="utf-8"
    )
    assert text.count("No data yet – needs: ") == 16
    assert "a definition in the catalogue" not in text


def test_bridge_closes_and_figures_agree_with_the_marts(database: Path, pages: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = dict(
            connection.execute(
                "select member, numerator from marts.fct_metric_values "
                "where metric_key = 'recurring_revenue_movements' and dimension = 'movement' "
                "and period_end = date '2025-06-30'"
            ).fetchall()
        )
    closing = found.pop("closing")
    assert sum(found.values()) == closing
    text = (pages / "retention.html").read_text(encoding="utf-8")
    assert formats.money(12 * closing) in text
    assert formats.money(12 * found["churn"]) in text
    assert f"+{formats.money(12 * found['expansion'])}" in text


def test_drill_rows_add_up_to_the_figure(database: Path, pages: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(
            "select sum(numerator) filter (where is_included), sum(denominator) filter (where is_included) "
            "from marts.fct_metric_contributions where metric_key = 'net_revenue_retention'"
        ).fetchone()
    assert row is not None
    text = (pages / "drill" / "net_revenue_retention.html").read_text(encoding="utf-8")
    assert formats.amount(row[0]) in text
    assert formats.amount(row[1]) in text
    assert "Not in opening" in text
    assert "marts.fct_metric_contributions" in text


def test_a_warning_names_its_customer_and_links_to_it(database: Path, pages: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        warned = connection.execute(
            "select customer_id, customer_name, warning_date::varchar from marts.fct_early_warnings inner join marts.dim_customers using (customer_id)"
        ).fetchall()
    text = (pages / "drill" / "early_warning_response_rate.html").read_text(encoding="utf-8")
    assert len(warned) > 3
    for customer_id, name, day in warned:
        link = f'<a href="../customers/{formats.slug(customer_id)}.html">{html.escape(name)} · {day}</a>'
        assert link in text.replace("&#34;", "&quot;")


def test_what_we_say_we_do_stands_beside_what_records_show(pages: Path) -> None:
    text = Outline((pages / "activities.html").read_text(encoding="utf-8")).text
    assert "1 of 4 practices that we judged are said and not shown" in text
    assert re.search(
        r"Coaching\s*Adoption\s*yes\s*2025-\d\d-\d\d\s*30\.0\s%\s*9 of 30 known\s*40\s*Said not shown", text
    )


def test_restatements_say_what_changed_why_and_by_whom(pages: Path) -> None:
    """The fixture: net retention of six months corrected by −1.2 points through four customers, one month by policy."""
    text = Outline((pages / "restatements.html").read_text(encoding="utf-8")).text
    assert re.search(r"7 of \d+ published headline figures changed since their period closed", text)
    assert re.search(
        r"Largest: Net revenue retention, 12 months to \w+\s2025, [\d.]+\s% → [\d.]+\s% \(−1\.2\spp\), because the data changed; 4 customers",
        text,
    )
    assert "Alder Works, Birch Systems, Cedar Logistics and 1 more" in text
    assert "renewal_grace_days: 0 → 30" in text
    assert "stripe/subscription_history/2025-07-14.csv" in text
    assert fixture_marts.SCRIPT_NAME in text, "text of the exports is shown as text"
    assert 'href="restatements.html">7 of ' in (pages / "index.html").read_text(encoding="utf-8")


def test_all_retention_metrics_are_listed(pages: Path) -> None:
    text = Outline((pages / "retention.html").read_text(encoding="utf-8")).text
    for row in fixture_marts.CATALOGUE:
        assert row[2] in text
        assert row[4] in text
    assert "too few customers (n\u00a0=\u00a03)" in text
    assert "Median: not reached" in text


def test_customer_text_is_data(pages: Path) -> None:
    for name, text in files(pages).items():
        assert "<script" not in text.lower(), name
    text = (pages / "retention.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "Müller &amp; Söhne &#34;Nord&#34; GmbH" in text
    assert (
        fixture_marts.SCRIPT_NAME
        in Outline((pages / "drill" / "losses.html").read_text(encoding="utf-8")).text
    )


def test_text_in_charts_is_data() -> None:
    name = fixture_marts.SCRIPT_NAME + '"&' + "]]>"
    chart = str(charts.bars([{"name": name, "value": 1.0, "text": name, "short": name}], name, "x"))
    steps = [charts.Step(name, Decimal(5), name, True), charts.Step("closing", Decimal(5), "5", True)]
    for svg in (chart, str(charts.waterfall(steps, name)), str(charts.sparkline([1.0, 2.0], None, "", name))):
        assert "<script" not in svg
        outline = Outline(svg)
        assert not outline.crossed
        assert "script" not in outline.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in chart


def test_nothing_is_loaded_and_nothing_runs(pages: Path) -> None:
    for name, text in files(pages).items():
        assert "Content-Security-Policy" in text, name
        assert "default-src 'none'" in text, name
        bare = text.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(
            'xmlns:xlink="http://www.w3.org/1999/xlink"', ""
        )
        assert "http://" not in bare, name
        assert "https://" not in bare, name
        assert not re.search(
            r"@import|@font-face|<link|<iframe|<img|<object|javascript:|\son\w+\s*=\s*\"", text
        ), name


def test_pages_are_well_formed_and_links_lead_somewhere(pages: Path) -> None:
    outlines = {name: Outline(text) for name, text in files(pages).items()}
    for name, outline in outlines.items():
        assert not outline.crossed, name
        assert not outline.stack, name
        assert len(outline.ids) == len(set(outline.ids)), name
        assert outline.headings.count(1) == 1, name
        assert all(b - a <= 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False)), name
        for link in outline.links:
            path, _, anchor = link.partition("#")
            target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            assert target in outlines, f"{name}: {link}"
            assert not anchor or anchor in outlines[target].ids, f"{name}: {link}"


def test_unmet_expectations_are_counted_on_the_scorecard_and_told_in_words(pages: Path) -> None:
    home = (pages / "index.html").read_text(encoding="utf-8")
    assert (
        '<dt>Expectations</dt><dd>3 · <a class="near" href="definitions.html#expectations">1 warning</a></dd>'
        in home
    )
    text = (pages / "definitions.html").read_text(encoding="utf-8")
    assert "1 of 3 expectations not met" in text
    assert "No category is new" in text and "status: 1 new (frozen), 7 before" in text
    assert "volume has not dropped" not in text, "what is met stands in the Data Docs"
    assert "data_docs/" not in text, "there are none beside this file"


def test_rejected_text_stays_in_the_warehouse(pages: Path) -> None:
    text = (pages / "definitions.html").read_text(encoding="utf-8")
    assert "start_date is not a date" in text
    assert "salesforce/contract.csv" in text
    assert "raw_text" not in (REPORTS / "marts.yml").read_text(encoding="utf-8")


def page_of(pages: Path, name: str) -> tuple[str, Outline]:
    """Text and outline of the page of a customer, found by its name."""
    listed = (pages / "customers" / "index.html").read_text(encoding="utf-8")
    match = re.search(rf'href="\.\./(customers/[^"]+)">{re.escape(html.escape(name, quote=True))}<', listed)
    assert match, f"{name} has no page"
    text = (pages / match[1]).read_text(encoding="utf-8")
    return text, Outline(text)


def test_health_says_what_is_at_risk_and_lists_whom_to_act_on_most_money_first(
    database: Path, pages: Path
) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select customer_name, arr_amount, risk_class from marts.fct_health_months join marts.dim_customers using (customer_id)"
            " where risk_class in ('defecting', 'reducing') order by arr_amount desc, customer_id"
        ).fetchall()
    outline = Outline((pages / "health.html").read_text(encoding="utf-8"))
    total = formats.money(sum(row[1] for row in rows), compact=True)
    assert (
        f"{total} of revenue a year is at risk, 12.0\u00a0% of all, at {len(rows)}\u00a0customers"
        in outline.text
    )
    assert f"Act first on {rows[0][0]}, {formats.money(rows[0][1], compact=True)} a year" in outline.text
    # the place of each amount in the text: in the order of the money
    places = [outline.text.find(formats.money(row[1])) for row in rows]
    assert -1 not in places
    assert places == sorted(places)
    for words in (
        "At risk of leaving",
        "A competitor is in play",
        "Ask about it: ",
        "Renews on",
        "Last engagement",
        "1\u00a0open risk answered",
    ):
        assert words in outline.text
    files_linked = [
        link for link in outline.links if link.startswith("customers/") and link != "customers/index.html"
    ]
    assert len(files_linked) == len(rows)
    for words in (
        "69 of 121\u00a0customers are healthy",
        "Health unknown",
        "In 91 to 180 days",
        "Use of licences has fallen sharply first, 50.0\u00a0%",
    ):
        assert words in outline.text or words in (pages / "health.html").read_text(encoding="utf-8")


def test_back_test_is_told_in_words(pages: Path) -> None:
    text = Outline((pages / "health.html").read_text(encoding="utf-8")).text
    assert "Of 100 customers that we said were at risk, 31 left within six months" in text
    assert "of 100 that left, we had said so of 58" in text
    assert "whom we said to be at risk left 4.2 times as often as the average customer" in text
    assert "31.0\u00a0%" in text and "29.0\u00a0% – 33.0\u00a0%" in text


def test_standing_is_never_told_by_colour_alone(pages: Path) -> None:
    """Wherever a class or a status is coloured there are a sign and a word beside it."""
    for name, text in files(pages).items():
        for found in re.findall(r'<span class="(?:good|near|bad) nb">(.*?)</span>', text):
            if "<svg" in found or not re.search(r"at risk|watched|healthy", found.lower()):
                continue
            pytest.fail(f"{name}: {found}")


def test_customer_page_tells_everything_known_and_what_is_not(database: Path, pages: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        name, arr, customer_id = connection.execute(
            "select customer_name, arr_amount, customer_id from marts.fct_customer_profiles join marts.dim_customers using (customer_id) where arr_rank = 1"
        ).fetchone() or ("", Decimal(0), "")
        events = connection.execute(
            "select count(*) from marts.fct_customer_timeline where customer_id = ?", [customer_id]
        ).fetchone()
    text, outline = page_of(pages, name)
    assert outline.text.count(f"{name} brings {formats.money(arr, compact=True)} a year") == 1
    for words in ("customer since", "Recurring revenue a year", "Licences in use", "21 of ", "Users", "Features in use", "Engagements lately", "Cases in 12 months",
                  "Satisfied with support", "Would recommend us", "Impact on their business", "Success plan reached", "What the health score is made of", "Goals reached", "unknown",
                  "Licences", "What happened", "Recommendation 9 of 10", "lacks skills", "still open", "Contract due"):  # fmt: skip
        assert words.lower() in outline.text.lower(), words
    assert events is not None
    shown = text.count("<time datetime=")
    assert shown == min(events[0], 60)
    days = re.findall(r'<time datetime="([0-9-]+)"', text)
    assert days == sorted(days, reverse=True), "newest first"
    unknown = [outline for name, outline in ((n, Outline(t)) for n, t in files(pages).items() if n.startswith("customers/"))
               if "Not known: use of features is not measured" in outline.text]  # fmt: skip
    assert unknown
    assert "Not known: too few of its measures are" in "".join(outline.text for outline in unknown)


def test_customer_page_says_what_services_it_holds_what_comes_due_and_what_it_costs(
    database: Path, pages: Path
) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select customer_id, coalesce(risk_class in ('defecting', 'reducing'), false) from marts.fct_customer_profiles "
            "left join marts.fct_health_months using (customer_id, month_end) order by arr_rank"
        ).fetchall()
    told = set()
    for customer_id, is_at_risk in found[:60]:
        text = (pages / file_of(customer_id)).read_text(encoding="utf-8")
        rows = dict(table_rows(text, "Services held, what they cost and what is left"))
        kind = int(customer_id.split(":")[1]) % 3
        told.add((kind, is_at_risk))
        assert rows == {
            "Held": ("none paid for", "support, $12.0K a year", "support, success, $24.0K a year")[kind],
            # the first of those open; risk is that of the customer
            "Next renewal": "14 Sep 2025, $15.0K" + (", at risk" if is_at_risk else "") if kind == 2 else "none open",
            # twelve months of 750 and of 10,000; one that does not tell makes the sum unknown
            "Cost to serve, 12 months": "$9.0K" if kind else "not known",
            "Left of revenue, 12 months": "$111K of $120K" if kind else "not known",
        }  # fmt: skip
    assert {(2, True), (2, False), (0, False), (1, False)} <= told


def test_figures_of_a_customer_say_what_they_count(pages: Path) -> None:
    """Every tile has a name, a figure and a note; what is not known has a dash and says so."""
    for name, text in files(pages).items():
        if not name.startswith("customers/") or name.endswith("index.html"):
            continue
        facts = re.findall(
            r'<div class="fact[^>]*>\s*<h2>(.+?)</h2>\s*<p class="value[^>]*>(.+?)</p>\s*<p class="foot">(.*?)</p>',
            text,
            re.DOTALL,
        )
        assert len(facts) == 11, name
        assert all(title and note.strip() for title, _, note in facts), name
        assert all(
            any(
                words in note
                for words in ("Not known", "No revenue", "Not counted", "Not used", "No open success plan")
            )
            == (value == "–")
            for _, value, note in facts
        ), name


def test_hostile_text_on_the_page_of_a_customer_is_text(database: Path, tmp_path: Path) -> None:
    """Name, segment, region, product, severity and rule of a customer are written by others: shown as written, never run."""
    copy = tmp_path / "hostile.duckdb"
    copy.write_bytes(database.read_bytes())
    bad = fixture_marts.SCRIPT_NAME + "\"'&=HYPERLINK(1)"
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update marts.dim_customers set customer_name = ?, segment = ?, region = ?, channel = ?",
            [bad] * 4,
        )
        connection.execute("update marts.fct_license_months set product_family = ?", [bad])
        connection.execute("update marts.fct_customer_timeline set detail = ?, qualifier = ?", [bad, bad])
        connection.execute(
            "update marts.fct_health_months set primary_reason = ?, relationship_state = ?, driver_1 = ?",
            [bad] * 3,
        )
        connection.execute("update marts.fct_health_signals set measure = ?", [bad])
    folder = render(copy, tmp_path / "out", quiet, customer_pages=12).parent
    for name, text in files(folder).items():
        outline = Outline(text)
        assert "script" not in outline.tags, name
        assert not outline.crossed and not outline.stack, name
        assert "<script" not in text.lower(), name
        if name.startswith("customers/") and not name.endswith("index.html"):
            assert bad in outline.text, name


def test_customer_pages_are_as_many_as_asked_for(database: Path, tmp_path: Path) -> None:
    folder = render(database, tmp_path / "five", quiet, customer_pages=5).parent
    assert len(list((folder / "customers").glob("*.html"))) == 6
    index = Outline((folder / "customers" / "index.html").read_text(encoding="utf-8"))
    assert "The 5 of 160\u00a0customers with most recurring revenue" in index.text
    assert "postsale render --customer-pages" in index.text
    linked = [
        link
        for link in Outline((folder / "health.html").read_text(encoding="utf-8")).links
        if link.startswith("customers/c")
    ]
    assert len(linked) < 6, "who has no page is no link"
    folder = render(database, tmp_path / "none", quiet, customer_pages=0).parent
    assert [path.name for path in (folder / "customers").glob("*.html")] == ["index.html"]


def test_names_of_customers_lead_to_their_pages(pages: Path) -> None:
    for name in (
        "retention.html",
        "health.html",
        "drill/net_revenue_retention.html",
        "drill/losses.html",
        "drill/cohorts.html",
    ):
        links = Outline((pages / name).read_text(encoding="utf-8")).links
        assert [link for link in links if re.search(r"customers/crm-", link)], name


def test_many_customer_pages_take_seconds(tmp_path: Path) -> None:
    """A page is prepared and rendered in some milliseconds: two thousand in a few seconds."""
    rows, absent = read_marts(fixture_marts.build(tmp_path / "many.duckdb", count=400))
    scorecard = Scorecard(rows, absent, REPORTS)
    template = environment(REPORTS, scorecard.currency).get_template("customer.html")
    site = {
        "context": scorecard.context,
        "currency": "USD",
        "scorecard": scorecard,
        "pages": [],
        "root": "../",
        "page": "x",
    }
    started = time.process_time()
    size = sum(
        len(template.render(site | {"customer": scorecard.customers.page(key)}))
        for key in scorecard.customers.customers
    )
    assert time.process_time() - started < 400 * 0.010
    assert 400 * 5_000 < size < 400 * 80_000


def test_effects_carry_their_interval_and_show_no_number_without_evidence(pages: Path) -> None:
    text = Outline((pages / "adoption.html").read_text(encoding="utf-8")).text
    assert "Adoption after an action: +6.0\u00a0pp, supported by the evidence" in text
    assert re.search(
        r"Training\s+\+9\.0\spp\s+\+6\.0\spp to \+12\.0\spp\s*\+14\.0\spp\s*50\s*210\s*Supported by the evidence",
        text,
    )
    assert re.search(r"Service\s+\+1\.0\spp.*?Not supported by the evidence", text, re.DOTALL)
    assert re.search(r"Product enhancement\s+–\s+–\s*–\s*3\s*–\s*Too little evidence", text)
    assert "it is no experiment" in text
    engagement = Outline((pages / "engagement.html").read_text(encoding="utf-8")).text
    assert "What goes together need not cause one another" in engagement
    assert re.search(r"Health and tone of engagement.*?Too little evidence", engagement, re.DOTALL)


def test_bands_medians_releases_and_the_chain_of_deflection(pages: Path) -> None:
    adoption = Outline((pages / "adoption.html").read_text(encoding="utf-8")).text
    assert "contracts renewed +18.0\u00a0pp from low to high adoption" in adoption
    assert re.search(r"High \(green\).*Middle \(amber\).*Low \(red\).*Unknown", adoption, re.DOTALL)
    assert "They describe and do not prove" in adoption
    defects = (pages / "defects.html").read_text(encoding="utf-8")
    assert re.search(r"Time to resolution.*18\.5\shours.*71\.3\shours", Outline(defects).text, re.DOTALL)
    assert "1 of 3\u00a0releases has more defects than chance explains" in Outline(defects).text
    assert "above its limit" in defects
    support = (pages / "support_scale.html").read_text(encoding="utf-8")
    assert "Of 10,000 visits, 2,309 made a case unnecessary" in Outline(support).text
    assert "74.0\u00a0% of the step before" in support


def test_selling_shows_the_funnel_programs_and_what_wins_but_ranks_nothing_small(pages: Path) -> None:
    text = (pages / "selling.html").read_text(encoding="utf-8")
    page = Outline(text).text
    assert "Of 300\u00a0quotes for services, 120 are accepted" in page
    table = re.search(r"Win rates by message and resource</caption>.*?</table>", text, re.DOTALL)
    assert table is not None
    rows = [
        re.sub(r"<[^>]+>", " ", row)
        for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", table.group(), re.DOTALL)
    ]
    ranks = [re.search(r"(Message|Resource)\s+(\S+(?: few)?)", row) for row in rows]
    assert [found and found.groups() for found in ranks] == [
        ("Message", "1"), ("Message", "too few"), ("Resource", "1"), ("Resource", "2"),
    ]  # fmt: skip
    assert "67" in rows[2] and "73" in rows[2], "the interval"
    programs = re.search(r"Service programs by buyers</caption>.*?</table>", text, re.DOTALL)
    assert programs is not None and "Support &lt;" in programs.group()
    assert re.search(r"Renewed</small></th><td class=\"num\">–", programs.group()), "no rank of four buyers"


def test_service_sales_show_where_services_attach_what_moved_them_and_what_comes_due(pages: Path) -> None:
    text = (pages / "service_sales.html").read_text(encoding="utf-8")
    page = Outline(text).text
    assert "Fewest services attached: APAC direct, 42\u00a0%" in page
    heat = re.search(r'<table class="heat">.*?</table>', text, re.DOTALL)
    assert heat is not None
    rows = re.findall(r'<tr[^>]*><th scope="row">(.*?)</th>(.*?)</tr>', heat.group(), re.DOTALL)
    # a pair of few sales and one of no sale have no shade; the edges are each dimension by itself
    assert [(name, re.findall(r'<td class="num (\w+)">', cells)) for name, cells in rows] == [
        ("APAC", ["h4", "none", "h3"]), ("EMEA", ["h7", "h10", "h6"]), ("Unknown", ["h5", "none", "none"]), ("All", ["h6", "h6", "h6"]),
    ]  # fmt: skip
    assert "Recurring service revenue grew by $155K to $555K" in page
    bridge = re.search(r"<caption>Service revenue bridge.*?</table>", text, re.DOTALL)
    assert bridge is not None
    figures = re.findall(
        r'<th scope="row">(\w+)</th><td class="num"><a href="drill/service_revenue_bridge.html">(.*?)</a>',
        bridge.group(),
    )
    assert figures == [
        ("Opening", "$400,000"), ("Attached", "+$200,000"), ("Reinstated", "$0"), ("Expanded", "+$40,000"), ("Contracted", "\u2212$25,000"),
        ("Lost", "\u2212$60,000"), ("Closing", "$555,000"),
    ]  # fmt: skip
    # 40,000 + 30,000 + 1,000 of the twelve months from July 2025 on, and no month before or after
    assert (
        "Service contracts worth $71.0K a year fall due in the coming twelve months, $25.0K of it at risk"
        in page
    )
    months = re.search(r"Service contracts that fall due, by month</caption>.*?</table>", text, re.DOTALL)
    assert months is not None
    names = re.findall(r'<th scope="row">(.*?)</th>', months.group())
    assert (len(names), names[0], names[-1]) == (12, "July\u00a02025", "June\u00a02026")
    assert "value of 1 unknown" in months.group()
    assert "July\u00a02025 booked $10.0K, open $20.0K, at risk $0;" in text, (
        "the picture, to those who do not see it"
    )


def table_rows(text: str, caption: str) -> list[list[str]]:
    """The cells of each row of a table, without marks."""
    found = re.search(rf"{caption}</caption>.*?<tbody>(.*?)</table>", text, re.DOTALL)
    assert found is not None, caption
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found.group(1), re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_profitability_shows_lines_indirect_revenue_as_two_numbers_and_one_more_dollar(pages: Path) -> None:
    text = (pages / "profitability.html").read_text(encoding="utf-8")
    page = Outline(text).text
    assert "Services contribute $100K, most by support, $150K" in page
    assert table_rows(text, "Profit and loss by service line") == [
        ["Support", "$600,000", "$450,000", "25.0 %", "$150,000"],
        ["Education", "$300,000", "\u2013 no data", "\u2013 no data", "\u2013 no data"],
        ["Success", "$100,000", "$250,000", "\u2212150.0 %", "\u2212$150,000"],
        ["All services", "$1,000,000", "$900,000", "10.0 %", "$100,000"],
    ]
    assert (
        "Services had a hand in $500K at most; that they added revenue is not supported by the evidence"
        in page
    )
    assert [row[:5] for row in table_rows(text, "Indirect revenue of services")] == [
        ["Influenced Won at customers that had used a service before", "$500K", "\u2013", "50", "An upper bound"],
        ["Incremental Paid by customers with services beyond comparable ones without", "\u2212$70.0K",
         "\u2212$270K to $130K", "50", "Not supported by the evidence"],
    ]  # fmt: skip
    assert "$430K" not in page, "the two are no sum"
    assert "$1 more in services goes with $0.87 more direct revenue" in page
    assert table_rows(text, "One more dollar in services") == [
        ["Direct revenue", "$0.54", "$0.87", "$1.20", "Supported by the evidence"],
        ["Influenced revenue", "\u2212$1.20", "$0.40", "$2.00", "Not supported by the evidence"],
        ["Revenue of both kinds", "\u2013", "\u2013", "\u2013", "Too little evidence"],
    ]
    assert [row[0].split(" What")[0] for row in table_rows(text, "Traditional metrics of support")] == [
        "Cost per case", "Time to resolution", "Case volume",
    ]  # fmt: skip


def test_activities_are_a_picture_that_reads_as_a_table(database: Path, pages: Path) -> None:
    text = (pages / "activities.html").read_text(encoding="utf-8")
    assert "Least covered: retention at Mid-market, 31\u00a0%" in Outline(text).text
    table = re.search(r'<table class="heat">.*?</table>', text, re.DOTALL)
    assert table is not None
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table.group(), re.DOTALL)
    shades = {name: re.findall(r'<td class="num( h\d+)?">', cells) for name, cells in rows}
    # A share of all is the darkest; what is not known has no shade, and what has no row neither.
    assert shades == {
        "Onboarding": [" h10", " h6"], "Success planning": ["", ""], "Adoption": ["", ""], "Health monitoring": ["", ""],
        "Retention": [" h5", " h3"], "Up-sell and cross-sell": [" h4", ""],
    }  # fmt: skip
    assert 'scope="col" class="num">Enterprise' in table.group()
    home = (pages / "index.html").read_text(encoding="utf-8")
    assert 'href="activities.html"' in home
    with duckdb.connect(str(database), read_only=True) as connection:
        (name,) = connection.execute(
            "select customer_name from marts.fct_customer_profiles join marts.dim_customers using (customer_id) where arr_rank = 1"
        ).fetchone() or ("",)
    customer = page_of(pages, name)[1].text
    assert "What was done, and what is due" in customer and "not known: roi analysis" in customer
    assert re.search(r"Adoption\s*Coaching\s*Training", customer)


def test_a_theme_without_exports_says_in_one_line_what_to_bring(tmp_path: Path) -> None:
    home = render(fixture_marts.build(tmp_path / "postsale.duckdb", empty=True), tmp_path, quiet)
    for name in (
        "adoption",
        "defects",
        "support_scale",
        "engagement",
        "activities",
        "service_sales",
        "profitability",
        "health",
    ):
        text = (home.parent / f"{name}.html").read_text(encoding="utf-8")
        assert text.count("Nothing to show yet. Bring: ") == 1, name
        assert "<section" not in text and "No data" not in text and "No status" not in text, name


def test_every_page_is_in_the_navigation_of_every_page(pages: Path) -> None:
    for name, text in files(pages).items():
        root = "../" if "/" in name else ""
        for file in (
            "index",
            "adoption",
            "defects",
            "support_scale",
            "engagement",
            "health",
            "retention",
            "customers/index",
            "definitions",
        ):
            assert f'<a href="{root}{file}.html"' in text, name


def test_help_tells_of_the_limit_of_customer_pages(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("render", "scorecard"):
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        assert "--customer-pages" in text
        assert (
            "customers with a page of their own, those with most recurring revenue first; 0 = none (default: 1000)"
            in text
        )
    with pytest.raises(SystemExit):
        cli.main(["render", "--customer-pages", "-1"])


def test_same_warehouse_same_bytes(database: Path, pages: Path, tmp_path: Path) -> None:
    again = render(database, tmp_path, quiet).parent
    assert files(again) == files(pages)
    assert files(render(database, tmp_path, quiet).parent) == files(pages), "a second run replaces the first"
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [(tmp_path / "pages").readlink().name, "pages"], "what was replaced is gone"


def test_warehouse_is_only_read(database: Path, tmp_path: Path) -> None:
    before = database.read_bytes()
    render(database, tmp_path, quiet)
    assert database.read_bytes() == before


@pytest.mark.parametrize("mart", sorted(fixture_marts.Marts([]).rows))
def test_without_one_mart(mart: str, tmp_path: Path) -> None:
    database = fixture_marts.build(tmp_path / "postsale.duckdb", without=[mart], count=24)
    home = render(database, tmp_path, quiet)
    assert home.is_file()
    assert mart in (home.parent / "definitions.html").read_text(encoding="utf-8")


def test_without_any_mart_or_with_few_customers(tmp_path: Path) -> None:
    every = list(fixture_marts.Marts([]).rows)
    assert render(fixture_marts.build(tmp_path / "a.duckdb", without=every), tmp_path / "a", quiet).is_file()
    home = render(fixture_marts.build(tmp_path / "b.duckdb", count=3), tmp_path / "b", quiet)
    assert "too few customers" in home.read_text(encoding="utf-8")


def test_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="no warehouse"):
        render(tmp_path / "none.duckdb", tmp_path, quiet)
    (tmp_path / "text.duckdb").write_text("not a database")
    with pytest.raises(RenderError, match="cannot be read"):
        render(tmp_path / "text.duckdb", tmp_path, quiet)


def test_queries_run_on_the_warehouse_itself(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        for path in sorted((REPORTS / "queries").glob("*.sql")):
            text = path.read_text(encoding="utf-8")
            assert text.startswith("-- grain: "), path.name
            connection.execute(text)


# browser


def _need(path: Path, what: str) -> None:
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{what} is missing at {path}")
        pytest.skip(f"{what} is missing at {path}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    _need(CHROMIUM, "Chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def empty_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    return render(fixture_marts.build(folder / "postsale.duckdb", empty=True), folder, quiet).parent


def shown(*folders: Path) -> list[Path]:
    """Every page, of those of customers and of rows the first ten each: one template makes them all."""
    found = []
    for folder in folders:
        every = sorted(folder.rglob("*.html"))
        single = [
            path for path in every if path.parent.name in ("customers", "drill") and path.name != "index.html"
        ]
        few = [
            *[path for path in single if path.parent.name == "customers"][:10],
            *[path for path in single if path.parent.name == "drill"][:40],
        ]
        found += [path for path in every if path not in single or path in few]
    return found


def _open(browser: Any, path: Path, width: int = 1440, height: int = 900) -> Any:
    # axe needs to run its script in the page, which the pages' own policy forbids
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def test_axe_finds_nothing(browser: Any, pages: Path, empty_pages: Path) -> None:
    _need(AXE, "axe-core (npm ci in tests/browser)")
    script = AXE.read_text(encoding="utf-8")
    page = _open(browser, pages / "index.html")
    for path in shown(pages, empty_pages):
        # pages of rows share one template and one layout at both widths
        for width in (1440,) if path.parent.name == "drill" else (1440, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            page.evaluate(script)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
            short = [(v["id"], v["impact"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]
            assert not short, f"{path.name} at {width}: {json.dumps(short, indent=1)}"
    page.context.close()


def test_no_page_scrolls_sideways_on_a_phone(browser: Any, pages: Path, empty_pages: Path) -> None:
    page = _open(browser, pages / "index.html", 390, 844)
    for path in shown(pages, empty_pages):
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path.name} is {width} px wide"
    page.context.close()


def test_home_fits_one_screen(browser: Any, pages: Path) -> None:
    page = _open(browser, pages / "index.html")
    height = page.evaluate("document.querySelector('.strip').getBoundingClientRect().bottom")
    page.context.close()
    assert height <= 900


def test_no_request_leaves_and_no_script_runs(browser: Any, pages: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    paths = [path.as_uri() for path in shown(pages)]
    for path in paths:
        page.goto(path)
    context.close()
    assert requests == paths
    assert not messages


def test_keyboard_reaches_content_first_and_focus_shows(browser: Any, pages: Path) -> None:
    page = _open(browser, pages / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert "Net revenue retention" in page.evaluate("document.activeElement.textContent")
    page.context.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_prints_whole(browser: Any, pages: Path, paper: str, tmp_path: Path) -> None:
    page = _open(browser, pages / "index.html")
    page.emulate_media(media="print")
    data = page.pdf(format=paper, landscape=True, print_background=True)
    page.context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1, "the home page is one sheet"


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_customer_is_one_sheet(browser: Any, pages: Path, paper: str) -> None:
    listed = (pages / "customers" / "index.html").read_text(encoding="utf-8")
    for file in re.findall(r'href="\.\./(customers/crm[^"]+)"', listed)[:12]:
        page = _open(browser, pages / file)
        page.emulate_media(media="print")
        data = page.pdf(format=paper, print_background=True)
        page.context.close()
        assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1, file
