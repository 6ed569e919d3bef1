"""Editing the menu: every change is checked, bumps the menu's version and is told to the diary, old and new.

Each verb runs in the caller's transaction; the version is what makes every process read the menu again.
"""

from shop.menu.editing.allergens import keep_allergen
from shop.menu.editing.options import keep_group, keep_option
from shop.menu.editing.products import add_product, change_product, look_choices, switch
from shop.menu.editing.routes import StageEntry, keep_route
from shop.menu.editing.sizes import keep_size, set_prices

__all__ = [
    "StageEntry", "add_product", "change_product", "keep_allergen", "keep_group", "keep_option", "keep_route",
    "keep_size", "look_choices", "set_prices", "switch",
]  # fmt: skip
