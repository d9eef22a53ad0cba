"""An empty template, with what every template of ours starts with."""

from __future__ import annotations

from troposphere import Template


def empty_template(description: str) -> Template:
    """A template without resources."""
    made = Template(Description=description)
    made.set_version("2010-09-09")
    return made
