"""What developers of this project run next to its tests; no part of the library."""
