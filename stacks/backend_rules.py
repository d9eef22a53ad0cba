"""The backend of one stage → what does not agree with the rest of the description. Pure.

Each problem is a path of the description with what is wrong and its fix; ``stacks.consistency`` gathers them.
"""

from __future__ import annotations
