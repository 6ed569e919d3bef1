"""A planner's child that takes every question and never answers."""

import sys

for _ in sys.stdin:
    pass
