"""SAM templates on standard input → plain CloudFormation on standard output; runs where aws-sam-translator is.

In and out are JSON lists: ``{"template", "parameters", "region"}`` becomes ``{"template"}`` or ``{"problems"}``. It
imports nothing of this library, which the environment does not have, and asks AWS nothing.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.json_types import JsonDict

_LANGUAGE = "AWS::LanguageExtensions"
_ASKS_AWS = "AWS::LanguageExtensions runs before SAM's transform, which only AWS can do; name values without it"
_KNOWN_TO_SAM = "AWS::Serverless-2016-10-31"


def translated(entry: JsonDict) -> JsonDict:
    """One template translated, or what is wrong with it."""
    from samtranslator.internal.managed_policies import get_bundled_managed_policy_map  # noqa: PLC0415 - not outside
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    os.environ["AWS_DEFAULT_REGION"] = entry["region"]
    policies = get_bundled_managed_policy_map("aws")
    translator = Translator(policies, Parser())
    try:
        result = translator.translate(
            sam_template=entry["template"],
            parameter_values=entry["parameters"],
            get_managed_policy_map=lambda: policies,
        )
    except InvalidDocumentException as error:
        first = [_ASKS_AWS] if _LANGUAGE in entry["template"].get("Transform", ()) else []
        return {"problems": [*(cause.message for cause in error.causes), *first]}
    except Exception as error:  # noqa: BLE001 - the translator's own faults are reported like the template's
        name = type(error).__name__
        asks = "uses the AWS Serverless Application Repository, which only AWS can look up"
        return {"problems": [asks if name == "NoCredentialsError" else f"{name}: {error}"]}
    transforms = result.pop("Transform", [])
    rest = [name for name in ([transforms] if isinstance(transforms, str) else transforms) if name != _KNOWN_TO_SAM]
    return {"template": {**result, **({"Transform": rest} if rest else {})}}


if __name__ == "__main__":
    json.dump([translated(entry) for entry in json.load(sys.stdin)], sys.stdout)
