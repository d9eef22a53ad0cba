"""Pieces of the backend stack: routes and APIs, events, queues, rights."""
