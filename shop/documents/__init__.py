"""Papers for customers that are not for the kitchen: receipts, invoices, credit notes, and their PDF."""
