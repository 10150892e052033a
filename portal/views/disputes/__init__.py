"""Disputes of invoices, as people read and write them."""
