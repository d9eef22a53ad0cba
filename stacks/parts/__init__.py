"""Pieces that several stacks share. Pure: each function returns troposphere or awacs values, nothing else."""
