"""What an account may owe, and owes."""
