"""Figures over a period."""
