"""Pieces of the data stack: tables, users and their clients, backups."""
