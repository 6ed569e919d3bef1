"""Reports: figures from what the shop has written down."""
