"""Text → the credentials in it that are known by their form, anyone who wrote them there. Pure.

The forms have a fixed beginning and enough random characters that nothing else looks so; their sources are listed with
them. Text is searched as it is, in JSON's and base64's spelling; zips are opened.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.json_types import JsonDict

_FORMS = {
    # https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    "a token of GitHub": rb"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,}",
    # https://docs.gitlab.com/security/tokens/#token-prefixes
    "a token of GitLab": rb"gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_.-]{20,}",
    # https://docs.slack.dev/authentication/tokens
    "a token of Slack": rb"xox[abeoprs]-(?:\d+-)?[A-Za-z0-9-]{16,}|xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{32,}",
    "a webhook of Slack": rb"https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}",
    # https://docs.stripe.com/keys
    "a secret key of Stripe": rb"[rs]k_live_[A-Za-z0-9]{20,}|whsec_[A-Za-z0-9]{32,}",
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    "an access key of AWS": rb"A(?:KIA|SIA)[A-Z2-7]{16}",
    "a token of npm": rb"npm_[A-Za-z0-9]{36}",
    "a token of PyPI": rb"pypi-AgE[A-Za-z0-9_-]{50,}",
    "a key of SendGrid": rb"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "a key of Anthropic": rb"sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{40,}",
    "a key of OpenAI": rb"sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
    # https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
    "a secret of Google": rb"GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{60,}",
    "a token of Atlassian": rb"ATATT3[A-Za-z0-9_=-]{60,}|ATBB[A-Za-z0-9]{32}",
    "a token of Databricks": rb"dapi[a-f0-9]{32}",
    "a token of DigitalOcean": rb"do[opr]_v1_[a-f0-9]{64}",
    "a token of Docker": rb"dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,}",
    "a token of Doppler": rb"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    "a token of Grafana": rb"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/=]{40,}",
    "a token of HashiCorp": rb"hv[sbr]\.[A-Za-z0-9_-]{24,}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}",
    "a token of Hugging Face": rb"hf_[A-Za-z0-9]{34,}",
    "a key of Linear": rb"lin_api_[A-Za-z0-9]{40}",
    "a key of New Relic": rb"NRAK-[A-Z0-9]{27}",
    "a token of PlanetScale": rb"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,}",
    "a token of Shopify": rb"shp(?:at|ca|pa|ss|ua)_[A-Fa-f0-9]{32}",
    "a secret of Square": rb"sq0csp-[A-Za-z0-9_-]{43}",
    "a key of Supabase": rb"sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,}",
    "a key of Azure Storage": rb"AccountKey=[A-Za-z0-9+/]{86}==",
    "a key of age": rb"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    # https://docs.aws.amazon.com/cli/v1/userguide/cli-configure-files.html
    "a secret key of AWS": rb"aws_secret_access_key[\"'\s:=]{1,8}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
    # RFC 7468
    "a private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\+[rn]|\s)+[A-Za-z0-9+/=:, \r\n\\-]{64,}",
    # RFC 7519
    "a JSON Web Token": rb"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}",
}
_BEGINNINGS = (
    b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"xox", b"xapp-", b"hooks.slack.com",
    b"k_live_", b"whsec_", b"AKIA", b"ASIA", b"npm_", b"pypi-AgE", b"SG.", b"sk-ant-", b"T3BlbkFJ", b"PRIVATE KEY",
    b"eyJ", b"GOCSPX-", b"ya29.", b"ATATT3", b"ATBB", b"dapi", b"_v1_", b"dckr_", b"hvs.", b"hvb.", b"hvr.",
    b".atlasv1.", b"hf_", b"lin_api_", b"NRAK-", b"pscale_", b"sq0csp-", b"sbp_", b"sb_secret_", b"AccountKey=",
    b"AGE-SECRET-KEY-1", b"aws_secret_access_key",
    b"glpat-", b"gloas-", b"gldt-", b"glrt-", b"glrtr-", b"glcbt-", b"glptt-", b"glft-", b"glimt-", b"glagent-",
    b"glsoat-", b"glffct-", b"glsa_", b"glc_", b"dp.pt.", b"dp.st.", b"dp.ct.", b"dp.sa.", b"dp.scim.", b"dp.audit.",
    b"shpat_", b"shpca_", b"shppa_", b"shpss_", b"shpua_",
)  # fmt: skip
"""Every credential contains one of these: looking for them takes a twentieth of what the forms take."""
_KINDS = tuple(_FORMS)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_EXAMPLE = re.compile(rb"EXAMPLE|example|0{8}|1234567890|(.)\1{9}|abcdefghij|xxxxxxxx", re.IGNORECASE)
_NOTHING = b"\0"
"""Separates texts; no credential contains it."""
_SHORTEST = 20
"""Bytes of the shortest credential, an access key of AWS."""
_DEEPEST = 2
"""How often base64 within base64 is unwrapped."""
_PUBLIC_ROLES = frozenset({"anon", "public", "publishable"})


def tokens(content: bytes, depth: int = 0) -> Iterator[str]:
    """What kinds of credentials some bytes hold, each as ``a token of GitHub``; examples of documentation are none."""
    if len(content) < _SHORTEST:
        return
    lines = _NOTHING.join(dict.fromkeys(content.split(b"\n")))  # templates repeat theirs
    for match in _any().finditer(content) if any(entry in lines for entry in _BEGINNINGS) else ():
        kind = _KINDS[int((match.lastgroup or "f0")[1:])]
        if not _EXAMPLE.search(match[0]) and (kind != "a JSON Web Token" or _is_credential(match[0])):
            yield kind
    if depth < _DEEPEST and (wrapped := _BASE64.findall(lines)):
        # All at once: looking for each beginning in each of them takes as long as writing the templates.
        yield from tokens(_NOTHING.join(map(_decoded, wrapped)), depth + 1)


@cache
def _any() -> re.Pattern[bytes]:
    forms = enumerate(_FORMS.values())
    return re.compile(b"|".join(rb"(?P<f%d>(?<![A-Za-z0-9_])(?:%s))" % (number, form) for number, form in forms))


def tokens_of_zip(content: bytes) -> Iterator[tuple[str, str]]:
    """What the files of a zip hold, each with the file's name; installed packages are their publishers' matter."""
    import zipfile  # noqa: PLC0415 - brings the compressors, and few look into zips

    with zipfile.ZipFile(BytesIO(content)) as opened:
        names = opened.namelist()
        of_packages = set(_packages(names))
        for name in names:
            if name.removeprefix("python/").partition("/")[0].removesuffix(".py").lower() not in of_packages:
                yield from ((name, kind) for kind in dict.fromkeys(tokens(opened.read(name))))


def _packages(names: Iterable[str]) -> Iterator[str]:
    """What installed packages are imported as, by the folders of their metadata: ``flask`` of Flask-3.1.dist-info."""
    for name in names:
        folder, _, rest = name.removeprefix("python/").partition(".dist-info/")
        if rest == "METADATA":
            yield folder.partition("-")[0].lower()
            yield folder.lower() + ".dist-info"


def _decoded(text: bytes) -> bytes:
    plain = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _is_credential(token: bytes) -> bool:
    """Whether a JWT is signed, and not one that its issuer means to be public (``"role": "anon"``)."""
    head, claims = (_json(part) for part in token.split(b".")[:2])
    signed = isinstance(head.get("alg"), str) and head["alg"].lower() != "none"
    return signed and bool(claims) and claims.get("role") not in _PUBLIC_ROLES


def _json(part: bytes) -> JsonDict:
    try:
        loads = json.loads(_decoded(part))
    except ValueError:
        return {}
    return loads if isinstance(loads, dict) else {}
