"""What was billed, credited and paid, as people read it."""
