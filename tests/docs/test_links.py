"""Links lead somewhere."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.commands import ROOT
from tests.docs.pages import PAGES, Heading, links, parts


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    return {part.anchor for part in parts(page) if isinstance(part, Heading)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_checkout_resolve(page: Path) -> None:
    """Every relative link leads to a file of the checkout, and to a heading of it where it names one."""
    broken = []
    for link in links(page):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_found() -> None:
    """Every page of docs is linked from another page."""
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)}
    assert [page.name for page in PAGES if page.parent != ROOT and page not in linked] == []
