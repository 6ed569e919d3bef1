"""The ground that every shelf stands on: tables, clock, types, errors, the diary, keys, permissions."""
