"""The option ``alarms``: whom to notify when the application fails or slows down."""

from __future__ import annotations

from stacks.model.described import Described
from stacks.model.texts import EmailAddress
from stacks.values import value


@value
class AppAlarms(Described):
    """Alarms on everything that the stage runs, by e-mail: 0.10 USD a month for each, and 1 USD for the topic's key.

    Three for each function (errors, throttles, running close to its timeout), two for the API (5xx, latency), one for
    each queue (age) and each queue of dead letters, one for each table (throttles) and each certificate (30 days before
    it expires). Outside us-east-1, a site with a domain has a second topic there, in the region of its certificate.
    """

    email: EmailAddress
    """The address; it has to confirm the subscription once."""
    dashboard: bool = True
    """A CloudWatch dashboard of the stage. An account has three for free, each more costs 3 USD a month."""
