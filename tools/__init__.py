"""What developers of this project run beside its tests; no part of the library."""
