"""Slips and labels on paper: what stands on them, how they look on a thermal printer, and the queue."""
