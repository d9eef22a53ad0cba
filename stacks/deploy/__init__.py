"""From rendered templates to running stacks.

``plan`` says what is to be done (data), ``execute`` does it with a ``stacks.cloud.Cloud`` and reports to a ``watch``
callback (``stacks.progress``), ``destroy`` takes everything down again. Nothing here knows boto3: that is
``stacks.aws``. ``from stacks.deploy import deploy`` is public; it is imported when it is first asked for, because
rendering needs parts of this package and nothing that executes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stacks.deploy.execute import deploy

__all__ = ["deploy"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'stacks.deploy' has no attribute {name!r}")
    from stacks.deploy import execute  # noqa: PLC0415

    return getattr(execute, name)
