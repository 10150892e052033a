"""Review and submit: what is shown before buying, and what is bought."""
