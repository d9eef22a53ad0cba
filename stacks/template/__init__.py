"""Rendered templates as plain data: references, YAML text, and how a large backend is spread over stacks."""
