"""The parts of a cake's drawing in words, for the page where they are chosen."""

from flask_babel import gettext


def look_words() -> dict[str, str]:
    """Return the parts, shapes, toppings and sides in the words of this request."""
    return {
        "shape": gettext("Shape"),
        "icing": gettext("Icing"),
        "top": gettext("Top"),
        "filling": gettext("Filling colour"),
        "drip": gettext("Drip"),
        "topping": gettext("Topping"),
        "crumb": gettext("Sponge"),
        "side": gettext("Side"),
        "ink": gettext("Writing colour"),
        "round": gettext("Round"),
        "square": gettext("Square"),
        "heart": gettext("Heart"),
        "none": gettext("Plain"),
        "strawberries": gettext("Strawberries"),
        "truffles": gettext("Truffles"),
        "mango": gettext("Mango"),
        "redbeans": gettext("Red beans"),
        "cocoa": gettext("Cocoa powder"),
        "velvet": gettext("Velvet crumbs"),
        "durian": gettext("Durian"),
        "cherries": gettext("Cherries"),
        "blueberries": gettext("Blueberries"),
        "fruit": gettext("Mixed fruit"),
        "montblanc": gettext("Taro strands"),
        "cookies": gettext("Cookies"),
        "rosettes": gettext("Cream rosettes"),
        "smooth": gettext("Smooth"),
        "banded": gettext("Bands"),
        "mousse": gettext("Mousse layers"),
        "naked": gettext("Naked layers"),
        "crepes": gettext("Crêpe layers"),
        "fingers": gettext("Sponge fingers"),
        "shavings": gettext("Chocolate shavings"),
        "baked": gettext("Baked"),
        "shells": gettext("Cream shells"),
        "ruffles": gettext("Ruffles"),
        "speckled": gettext("Speckled"),
    }
