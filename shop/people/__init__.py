"""Shops, staff and their roles, shifts and skills, paired devices, and the one table of personal data."""
