"""Pages of the results: Great Expectations' Data Docs with renderers and views of our own.

Its stock pages load styles, scripts and a logo from seven hosts and show nothing without them. These hold their style, run no
script, load nothing, and have no clock and no random id in them: same results, same bytes.
"""

from __future__ import annotations

import errno
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.data_context import EphemeralDataContext

from expectations.results import results_of

_PAGES = Path(__file__).with_name("pages")


def build_data_docs(context: EphemeralDataContext, docs: Path, as_of: date) -> None:
    """Writes ``docs/index.html`` and a page for every suite that was run in ``context``, instead of what is there.

    Raises OSError where a page could not be made: Great Expectations only logs that.
    """
    shutil.rmtree(docs, ignore_errors=True)
    view = {"module_name": __name__, "class_name": "PageView", "as_of": as_of.isoformat()}
    site: Any = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(docs.resolve()),
        },
        "site_index_builder": {
            "class_name": "DefaultSiteIndexBuilder",
            "renderer": {"module_name": __name__, "class_name": "IndexRenderer"},
            "view": view,
        },
        "site_section_builders": {
            "validations": {
                "class_name": "DefaultSiteSectionBuilder",
                "source_store_name": "validation_results_store",
                "renderer": {"module_name": __name__, "class_name": "SuiteRenderer"},
                "view": view,
            },
            "expectations": "none",
            "profiling": "none",
        },
    }
    context.add_data_docs_site("data_docs", site)
    context.build_data_docs(site_names=["data_docs"])
    pages = len(list(docs.rglob("*.html")))
    if pages != 1 + len(context.validation_results_store.list_keys()):
        raise OSError(errno.EIO, f"Data Docs are incomplete: {pages} pages", str(docs))
    shutil.rmtree(docs / "static", ignore_errors=True)  # pictures, fonts and styles of the stock pages


class SuiteRenderer:
    """The page of one suite: its unmet expectations first."""

    def render(self, run: ExpectationSuiteValidationResult) -> dict[str, Any]:
        """What the template needs."""
        results = sorted(
            results_of(run), key=lambda result: (result.is_met, result.severity, result.relation, result.name)
        )
        return {
            "template": "suite.html",
            "title": run.suite_name,
            "home": "../" * (4 + run.suite_name.count(".")) + "index.html",
            "results": results,
            "unmet": sum(not result.is_met for result in results),
        }


class IndexRenderer:
    """The list of suites."""

    def render(self, links: dict[str, Any]) -> dict[str, Any]:
        """What the template needs."""
        suites = sorted(
            links.get("validations_links", []), key=lambda link: str(link["expectation_suite_name"])
        )
        return {
            "template": "index.html",
            "title": "Expectations",
            "suites": [
                {
                    "name": link["expectation_suite_name"],
                    "is_met": link["validation_success"],
                    "href": link["filepath"],
                }
                for link in suites
            ],
        }


class PageView:
    """A page from its template; every text in it is escaped."""

    def __init__(self, as_of: str) -> None:
        self.as_of = as_of
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_PAGES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )

    def render(self, page: dict[str, Any], **_options: object) -> str:
        """The page as HTML; the options are those of the stock pages."""
        return self.templates.get_template(page["template"]).render(page, as_of=self.as_of)
