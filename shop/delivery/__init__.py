"""Delivery: one drop for each order that is brought, the couriers who bring it, and proof that it arrived."""
