"""What the base stack is made of."""
