"""Order and page of a list stand in the address, and survive each other."""

import pytest
from flask import Flask

from registry.web.paging import PAGE_SIZE, Order, Page, address


@pytest.mark.parametrize(
    ("asked", "key", "descending"),
    [("", "name", False), ("commune", "commune", False), ("-commune", "commune", True)],
)
def test_the_order_is_read_from_the_address(
    app: Flask, asked: str, key: str, *, descending: bool
) -> None:
    """A minus sign turns the order round."""
    with app.test_request_context("/sites", query_string={"sort": asked} if asked else {}):
        order = Order.of_request(["name", "commune"], "name")

    assert order == Order(key, descending)


def test_an_unknown_order_gives_the_default(app: Flask) -> None:
    """A mistyped address shows the list all the same."""
    with app.test_request_context("/sites?sort=-password"):
        assert Order.of_request(["name"], "name") == Order("name")


def test_sorting_keeps_the_filter_and_starts_at_the_first_page(app: Flask) -> None:
    """A second click on a column turns the order round."""
    with app.test_request_context("/sites?department=59&page=3&sort=name"):
        order = Order.of_request(["name", "commune"], "name")

        assert order.link("commune") == "/sites?department=59&sort=commune"
        assert order.link("name") == "/sites?department=59&sort=-name"
        assert (order.aria("name"), order.aria("commune")) == ("ascending", "none")


@pytest.mark.parametrize(
    ("asked", "number"), [("1", 1), ("2", 2), ("99", 3), ("-4", 1), ("x", 1), ("", 1)]
)
def test_a_page_beyond_the_list_is_its_last_one(app: Flask, asked: str, number: int) -> None:
    """No address leads to an empty page of a list that is not empty."""
    items = range(2 * PAGE_SIZE + 1)

    with app.test_request_context("/sites", query_string={"page": asked}):
        page = Page.of_request(items)

    assert page.number == number
    assert (page.last, page.total) == (3, len(items))
    assert len(page.items) == (1 if number == 3 else PAGE_SIZE)


def test_the_ends_of_a_list_have_no_way_beyond(app: Flask) -> None:
    """The first page has none before it, the last none after."""
    with app.test_request_context("/sites?q=gare"):
        page = Page.of_request(range(PAGE_SIZE + 1))
        assert page.previous_link is None
        assert page.next_link == "/sites?q=gare&page=2"


def test_an_empty_list_has_one_page(app: Flask) -> None:
    """Nothing found is still a page."""
    with app.test_request_context("/sites"):
        page: Page[int] = Page.of_request([])

    assert (page.number, page.last, page.total) == (1, 1, 0)


def test_an_address_keeps_what_is_not_changed(app: Flask) -> None:
    """None takes a parameter out."""
    with app.test_request_context("/sites?q=gare&page=2"):
        assert address(page=None) == "/sites?q=gare"
