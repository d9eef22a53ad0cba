"""What follows from the description of one stage alone: its stacks, its place in a row of pipelines, its old names."""
