"""How long a test waits for what must come. How fast it comes is a benchmark's figure, never a pass mark."""

PATIENCE = 60.0
"""Seconds; a busy machine may be twenty times slower than a quiet one."""
