"""How other systems fare, for the supplier's people."""
