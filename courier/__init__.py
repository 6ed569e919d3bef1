"""The courier's room: a phone in a gloved hand, in the sun, often without a network."""
