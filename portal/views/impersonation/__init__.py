"""Looking as somebody else, from both sides."""
