"""Credentials that are known by their form, in every wrapping; what only looks a little like one is let through."""

from __future__ import annotations

import base64
import json
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from stacks.checks.tokens import tokens, tokens_of_zip
from stacks.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Made up, and put together here so that no scanner of this repository takes them for real.
BODY = "aB3dE6gH9jK2mN5pQ8sT1vX4zA7cF0bD3eG6"


def jwt(claims: dict[str, str], alg: str = "HS256") -> str:
    parts = [json.dumps({"alg": alg, "typ": "JWT"}), json.dumps(claims)]
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "Qm9" + BODY])


PEM = f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{BODY}{BODY}\n{BODY}{BODY}\n-----END RSA PRIVATE {'KEY'}-----\n"
CREDENTIALS = {
    "ghp_" + BODY: "a token of GitHub",
    "github_pat_" + BODY + BODY: "a token of GitHub",
    "glpat-" + BODY[:20]: "a token of GitLab",
    "xoxb-" + "2048391756-" + BODY: "a token of Slack",
    "https://hooks.slack.com/services/" + "T0AB12CD3/B0AB12CD3/" + BODY[:24]: "a webhook of Slack",
    "sk_live_" + BODY[:24]: "a secret key of Stripe",
    "AKIA" + "Q3WE5RT7YU2IOP4A": "an access key of AWS",
    "npm_" + BODY: "a token of npm",
    "pypi-AgE" + BODY + BODY: "a token of PyPI",
    "SG." + BODY[:22] + "." + (BODY + BODY)[:43]: "a key of SendGrid",
    "sk-ant-api03-" + BODY + BODY: "a key of Anthropic",
    "gldt-" + BODY[:20]: "a token of GitLab",
    "glrt-" + BODY[:20]: "a token of GitLab",
    "GOCSPX-" + BODY[:28]: "a secret of Google",
    "ATATT3" + BODY + BODY: "a token of Atlassian",
    "dapi" + "a1b2c3d4" * 4: "a token of Databricks",
    "dop_v1_" + "a1b2c3d4" * 8: "a token of DigitalOcean",
    "dckr_pat_" + BODY[:27]: "a token of Docker",
    "dp.pt." + (BODY + BODY)[:43]: "a token of Doppler",
    "glsa_" + BODY[:32] + "_a1b2c3d4": "a token of Grafana",
    "hvs." + BODY: "a token of HashiCorp",
    BODY[:14] + ".atlasv1." + BODY + BODY: "a token of HashiCorp",
    "hf_" + BODY: "a token of Hugging Face",
    "lin_api_" + (BODY + BODY)[:40]: "a key of Linear",
    "NRAK-" + BODY[:27].upper(): "a key of New Relic",
    "pscale_tkn_" + BODY: "a token of PlanetScale",
    "shpat_" + "a1b2c3d4" * 4: "a token of Shopify",
    "sq0csp-" + (BODY + BODY)[:43]: "a secret of Square",
    "sbp_" + "a1b2c3d4" * 5: "a key of Supabase",
    "AccountKey=" + (BODY * 3)[:86] + "==": "a key of Azure Storage",
    "aws_secret_access_key = " + (BODY + BODY)[:40]: "a secret key of AWS",
    jwt({"sub": "admin"}): "a JSON Web Token",
    jwt({"role": "service_role"}): "a JSON Web Token",
    PEM: "a private key",
    PEM.replace("RSA ", "EC "): "a private key",
    PEM.replace("\n", "\r\n"): "a private key",
}
WRAPPINGS = {
    "plain": str,
    "in a line": lambda text: f"token: {text}, for all\n",
    "JSON": lambda text: json.dumps({"a": [text]}),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"a": text})),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in JSON": lambda text: json.dumps({"secret": base64.b64encode(f"user:{text}".encode()).decode()}),
    "base64 of JSON": lambda text: base64.urlsafe_b64encode(json.dumps({"token": text}).encode()).decode(),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
}


@pytest.mark.parametrize("wrapped", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize(("text", "kind"), CREDENTIALS.items(), ids=[text[:12] for text in CREDENTIALS])
def test_a_credential_is_known_in_every_wrapping(text: str, kind: str, wrapped: Callable[[str], str]) -> None:
    assert kind in list(tokens(wrapped(text).encode()))


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "ghp_short",
        "a_ghp_" + BODY,
        jwt({"role": "anon"}),
        jwt({"sub": "x"}, alg="none"),
        "eyJhbGciOi.eyJub3Q.jwt",
        f"-----BEGIN PUBLIC {'KEY'}-----\n{BODY}{BODY}\n",
        f"-----BEGIN PRIVATE {'KEY'}-----",
        "sha256-" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode(),
        "pk_live_" + BODY[:24],
        BODY * 50,
    ],
)
def test_what_is_no_credential_is_let_through(text: str) -> None:
    assert list(tokens(text.encode())) == []


def test_files_of_a_zip_are_named_and_installed_packages_left_out() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name in ("app.py", "conf/deep.json", "twisted/test/server.py", "Twisted-24.1.dist-info/METADATA"):
            opened.writestr(name, PEM)
    assert sorted(tokens_of_zip(packed.getvalue())) == [
        ("app.py", "a private key"),
        ("conf/deep.json", "a private key"),
    ]


@pytest.mark.parametrize("place", ["src/app.py", "static/app.js", "app.yaml"])
def test_nothing_that_holds_one_is_written_or_packaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    token = "ghp_" + BODY
    description = (
        "name: shop\nstages: {dev: {region: eu-west-1}}\nfrontend: {static: static}\n"
        "backend: {functions: {web: {handler: 'src/app.py:handler', public: true, routes: [GET /],"
        f" environment: {{CONTENT: '{token if place == 'app.yaml' else 'x'}'}}}}}}}}\n"
    )
    for name, text in {"src/app.py": "def handler(*_): ...\n", "static/app.js": "1\n", "app.yaml": description}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + (f"# {token}\n" if name == place != "app.yaml" else ""))
    monkeypatch.chdir(tmp_path)
    verb = {"static/app.js": ["publish", "--dry-run"]}.get(place, ["package"])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert main(verb) in {1, 2}
    message = capsys.readouterr()
    assert token not in message.out + message.err
    assert "holds a token of GitHub. Take it out" in message.err or place == "app.yaml"
