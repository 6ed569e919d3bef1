"""Orders: the customer's promise and money, the lines, the cakes with their codes, and the promise of time."""
