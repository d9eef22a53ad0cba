"""Domains of a stage: how far each is, the hosted zone it needs, and whether the world is sent there."""
