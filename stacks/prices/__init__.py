"""What AWS asks for: one dated table of list prices, and what a stage costs by it."""
