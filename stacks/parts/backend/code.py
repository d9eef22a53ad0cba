"""What is packaged for a stage's functions: their code, and the layers with what they share. Values and names only.

Functions of one folder, runtime and architecture share one zip, and those of one runtime and architecture one layer.
Each of both enters the template as a parameter, the key of its zip in the artifact bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from troposphere import Parameter, Ref, awslambda

from stacks import naming, wiring
from stacks.model.backend import Function

if TYPE_CHECKING:
    from stacks.app import App, Stage

_PATTERN = {
    "AllowedPattern": r"code/.+\.zip",
    "ConstraintDescription": "Package the code first; the key is code/<name>/<hash>.zip",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What is packaged together: functions of one folder, runtime and architecture share one zip.

    ``contents`` are what of the folder is packaged; nothing means all.
    """

    folder: str
    contents: tuple[str, ...]
    runtime: str
    architecture: str
    wsgi: bool

    @property
    def name(self) -> str:
        """``lambda-src-web``, ``root-flaskr``; what is not the usual runtime and architecture is said too."""
        place = "/".join(["root" if self.folder == "." else self.folder, *self.contents[:1]])
        return _plain("-".join([place, *_unusual(self.runtime, self.architecture), *(["wsgi"] if self.wsgi else [])]))

    @property
    def parameter(self) -> str:
        """The template parameter that takes the zip's key in the artifact bucket."""
        return naming.logical_id(self.name, "CodeKey")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLayer:
    """The layer with ``shared_requirements`` for one runtime and architecture."""

    runtime: str
    architecture: str

    @property
    def name(self) -> str:
        """``shared_layer``; the underscore keeps it apart from every name of code."""
        return "_".join(["shared_layer", *map(_plain, _unusual(self.runtime, self.architecture))])

    @property
    def title(self) -> str:
        """Its logical id."""
        return naming.logical_id(self.name)

    @property
    def parameter(self) -> str:
        """The template parameter that takes the zip's key in the artifact bucket."""
        return naming.logical_id(self.name, "Key")


def _unusual(runtime: str, architecture: str) -> list[str]:
    usual = (Function.runtime, Function.architecture)
    return [one for one, default in zip((runtime, architecture), usual, strict=True) if one != default]


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text)


def code_of(function: Function) -> Code:
    """Which code a function runs."""
    return Code(
        folder=function.folder,
        contents=function.contents,
        runtime=function.runtime,
        architecture=function.architecture,
        wsgi=function.wsgi is not None,
    )


def codes(stage: Stage) -> tuple[Code, ...]:
    """All code of a stage's functions, each once."""
    return tuple(dict.fromkeys(code_of(function) for function in stage.backend.functions.values()))


def shared_layer(runtime: str, architecture: str, stage: Stage) -> SharedLayer | None:
    """The layer that code for a runtime and architecture runs with."""
    return SharedLayer(runtime=runtime, architecture=architecture) if stage.backend.shared_requirements else None


def shared_layers(stage: Stage) -> tuple[SharedLayer, ...]:
    """The layers of a stage, each once."""
    wanted = (shared_layer(code.runtime, code.architecture, stage) for code in codes(stage))
    return tuple(dict.fromkeys(layer for layer in wanted if layer))


def code_parameter(code: Code) -> Parameter:
    """Where the code is: a key in the artifact bucket, known once it is packaged."""
    packaged = code.folder if code.folder != "." else ", ".join(code.contents)
    text = f"Key of the packaged {packaged} in the artifact bucket"
    return Parameter(code.parameter, Type="String", Description=text, **_PATTERN)


def layer_parameter(layer: SharedLayer) -> Parameter:
    """Where the layer's zip is."""
    text = "Key of the packaged requirements that functions share"
    return Parameter(layer.parameter, Type="String", Description=text, **_PATTERN)


def layer_version(layer: SharedLayer, app: App, stage: Stage) -> awslambda.LayerVersion:
    """The layer; each change of its zip makes a new version, and the functions move to it before the old one goes."""
    return awslambda.LayerVersion(
        layer.title,
        LayerName=_plain(f"{naming.prefix(app, stage)}-{layer.name}"),
        Description=f"What functions of {naming.prefix(app, stage)} share",
        CompatibleRuntimes=[layer.runtime],
        CompatibleArchitectures=[layer.architecture],
        Content=awslambda.Content(S3Bucket=wiring.ARTIFACT_BUCKET.read(app, stage), S3Key=Ref(layer.parameter)),
    )
