"""The nursery of a shop that does not wait for its disk: the teeth of the tests of power cuts."""

from shop.core import store
from tests.nursery import main

if __name__ == "__main__":
    store.PRAGMAS = tuple(p.replace("synchronous=FULL", "synchronous=NORMAL") for p in store.PRAGMAS)
    main()
