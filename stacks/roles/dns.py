"""Rights in hosted zones: records of the template only, and those that prove a certificate's names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacks.roles import scopes
from stacks.roles.grants import GrantPlace, single_or_list
from stacks.roles.names import own_arns, values
from stacks.roles.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.roles.names import Surroundings
    from stacks.roles.needs import Need

_Conditions = dict[str, "Mapping[str, Any]"]
_PROOF = 32
"""Characters that ACM puts before a name it validates, after an underscore: no ``_acme-challenge`` of others.
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""


def dns_place(need: Need, here: Surroundings) -> GrantPlace:
    """The hosted zones that the template names, and in them its records, or those that prove a certificate's names.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
    """
    if need.action == "route53:GetChange":
        return GrantPlace(arns=(scopes.CHANGES,), conditions={})
    if need.type == "AWS::Route53::RecordSet":
        zones, names = own_arns(need.type, SCOPES[need.type], here), values(need.type, "Name", here)
    else:
        some = (proof for some in values(need.type, "DomainValidationOptions", here) for proof in some)
        proofs = [proof for proof in some if "HostedZoneId" in proof]
        zones = tuple(sorted({scopes.ZONE.replace("{name}", str(proof["HostedZoneId"])) for proof in proofs}))
        names = tuple(f"_{'?' * _PROOF}.{str(proof['DomainName']).removeprefix('*.')}" for proof in proofs)
    changing = need.action == "route53:ChangeResourceRecordSets"
    conditions = _of_records(names) if changing else {}
    if changing and need.type != "AWS::Route53::RecordSet":
        conditions["ForAllValues:StringEquals"] = {"route53:ChangeResourceRecordSetsRecordTypes": "CNAME"}
    return GrantPlace(arns=zones, conditions=conditions)


def _of_records(names: Sequence[Any]) -> _Conditions:
    """Records of these names only; of any where one is not known before it is deployed."""
    if not all(isinstance(name, str) for name in names):
        return {}
    known = sorted({re.sub(r"^\*", r"\\052", name.lower().rstrip(".")) for name in names})
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    return {"ForAllValues:StringLike": {key: single_or_list(tuple(known))}}
