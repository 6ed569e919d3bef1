"""What every test of the kiosk asks for."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.kiosk.customer import Customer


@pytest.fixture
def customer(app: Flask) -> Customer:
    """Somebody at a paired kiosk."""
    return Customer(app)
