"""Two templates and the registry → what a deployment would change, replace or lose, before AWS is called.

``compare`` is the engine: pure, and total on whatever JSON holds. ``guard`` asks it about a plan and a cloud, and
refuses what nobody named; ``folders`` and ``revisions`` read templates that were written earlier; ``telling`` says
the changes in words. What AWS documents about an update is in ``behaviour``, what holds data in ``stateful``.
"""

from stacks.forecast.change import Change, Loss, PropertyChange, Replacement
from stacks.forecast.compare import compare

__all__ = ["Change", "Loss", "PropertyChange", "Replacement", "compare"]
