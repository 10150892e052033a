"""The supplier's desk."""
