"""What the kiosk says about the earliest time, and what would make it earlier."""

from __future__ import annotations

from tests.kiosk.customer import Customer, found


def test_some_of_many_cakes_are_offered_when_they_would_be_earlier(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    customer.tap("review", answers=1, do="quantity:0:11")
    page = customer.see("cake/strawberry-cream/offer?inch=8").text
    assert found(r"其中 (\d+) 个", found(r'id="when"[^>]*>(.*?)</div>', page.replace("\n", ""))) == "6"
