"""Text → App: reading, judging and completing descriptions, and telling every mistake at once."""
