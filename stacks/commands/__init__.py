"""What the verbs of the command line do: one module each, with ``run(arguments) -> exit code``.

A command reads the description, calls the library and prints what came of it. The library itself never prints.
"""
