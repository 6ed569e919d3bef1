"""The domain of a cake shop: no request, no template, no socket and no scheduler in here."""
