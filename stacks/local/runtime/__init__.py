"""The folder on the Python path of local functions: ``sitecustomize`` makes their code read-only, as on Lambda."""
