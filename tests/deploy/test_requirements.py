"""The pins: exact, hashed, the same everywhere, those that pyproject.toml asks for, and no host or machine named."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.folders import PROJECT

FILES = sorted((PROJECT / "deploy" / "requirements").glob("*.txt"))


def pins(name: str) -> dict[str, str]:
    """Version of each package in a file."""
    lines = (PROJECT / "deploy" / "requirements" / f"{name}.txt").read_text().splitlines()
    found = [re.match(r"([A-Za-z0-9._-]+)==(\S+)", line) for line in lines]
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def asked_for(*extras: str) -> list[Requirement]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    names = list(project["dependencies"])
    for extra in extras:
        names += project["optional-dependencies"][extra]
    return [Requirement(name) for name in names]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_line_is_a_pin_or_a_hash(file):
    for line in file.read_text().splitlines():
        assert re.fullmatch(r"#.*|[a-z0-9-]+==[a-z0-9.]+( ; [^/\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), (
            line
        )


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_no_host_and_no_path_is_named(file):
    assert not re.search(r"://|\s/\w|@|--(extra-)?index-url|--find-links", file.read_text())


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("run", ("api", "worker", "embedded")),
        ("dev", ("dev", "otel")),
        ("otel", ("otel",)),
        ("api", ("api",)),
        ("worker", ("worker",)),
    ],
)
def test_what_pyproject_asks_for_is_pinned(name, extras):
    pinned = pins(name)
    for requirement in asked_for(*extras):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("name", ["dev", "api", "worker", "otel"])
def test_a_package_has_one_version_everywhere(name):
    run = pins("run")
    assert {package: version for package, version in pins(name).items() if run.get(package, version) != version} == {}


@pytest.mark.parametrize("name", ["api", "worker"])
def test_an_image_has_nothing_that_the_whole_has_not(name):
    assert set(pins(name)) <= set(pins("run"))


@pytest.mark.parametrize("name", ["run", "worker"])
def test_there_is_one_opencv(name):
    assert [package for package in pins(name) if package.startswith("opencv")] == ["opencv-contrib-python"]


def test_the_api_is_thin():
    assert not {"numpy", "onnxruntime", "paddleocr", "opencv-contrib-python", "pillow"} & set(pins("api"))


@pytest.mark.parametrize("name", ["run", "api", "worker"])
def test_what_builds_the_project_is_there(name):
    (build,) = tomllib.loads((PROJECT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert f"hatchling=={pins(name)['hatchling']}" == build
    assert "editables" in pins(name)
