"""The customer's room: whoever holds the slip follows the cake, without signing in."""
