"""Plumbing that the rooms share: a closed list of files, and no rule about cakes or money."""
