"""What may become of the plan: the whole shop lived through many times, and chances learnt from its own past."""
