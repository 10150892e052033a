"""What is mailed, in words."""
