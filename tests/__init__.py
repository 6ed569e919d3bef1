"""Tests mirror the source; the named people are in cast.py."""
