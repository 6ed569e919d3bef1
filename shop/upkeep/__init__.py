"""Keeping the shop alive: the demo world, and the doctor that says what is wrong and how to mend it."""
