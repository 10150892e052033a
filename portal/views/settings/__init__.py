"""Delivery, policy and delegation."""
