"""The local AWS: an embedded emulator that the rendered templates are deployed to, unchanged, and its local site."""
