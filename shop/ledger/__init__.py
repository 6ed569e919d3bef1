"""The books: double entry in minor units, every entry a leaf of one Merkle log that anybody can check.

A verb that moves money calls `post` in its own transaction; numbering and hashing happen last, before the commit.
The ledger knows no order, no customer and no method of payment: they are random references and account names.
"""

from shop.ledger import guards as guards  # the tables are never made without them
from shop.ledger.posting import Unbalanced, post

__all__ = ["Unbalanced", "post"]
