"""What pages show, as plain values and ready strings: computed from the read models, drawn by the templates."""
