"""Two templates and the registry → what a deployment would change, replace or lose, before AWS is called.

``compare`` is the engine: pure, and total on whatever JSON holds; ``folders`` reads templates that were written
earlier; ``report`` says the changes in words. What AWS documents about an update is in ``documented``, what holds data
in ``stateful``. What of it is refused when nobody named it is ``stacks.deploy.data_loss``.
"""

from stacks.cloud import Replacement
from stacks.forecast.change import Change, Loss, PropertyChange
from stacks.forecast.compare import compare

__all__ = ["Change", "Loss", "PropertyChange", "Replacement", "compare"]
