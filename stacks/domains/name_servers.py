"""A domain → the name servers that the world is sent to, asked for through the machine's own resolver.

They are what the registrar (or the parent zone) has; a hosted zone that others are not sent to proves nothing to ACM.
"""

from __future__ import annotations

import dns.exception
import dns.resolver

from stacks.domains.zones import plain
from stacks.errors import DeployError

_SECONDS = 10.0
_FIX = "Check the network; the hosted zone's own name servers are shown anyway"


def published(name: str, resolver: dns.resolver.Resolver | None = None) -> tuple[str, ...]:
    """The name servers of ``name``, sorted; none when it is not delegated. ``resolver`` is the machine's by default.

    Raises:
        DeployError: they cannot be asked for (no network, no resolver), or do not answer.
    """
    try:
        answer = (resolver or dns.resolver.get_default_resolver()).resolve(name, "NS", lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError) as error:
        raise DeployError(f"name servers of {name}", f"cannot be asked for ({type(error).__name__})", _FIX) from None
    return tuple(sorted(plain(str(entry.target)) for entry in answer))
