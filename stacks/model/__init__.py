"""What a description says, section by section: frozen dataclasses and the rules for single values."""
