"""Documents on paper: notes, lists, labels."""
