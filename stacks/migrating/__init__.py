"""Descriptions of other frameworks → app.yaml, with everything that could not be carried over listed. Pure."""
