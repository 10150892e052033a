"""Returns as pages show them."""
