"""The acceptance run: the example deployed, changed, rolled back and removed, on AWS or on the local AWS."""
