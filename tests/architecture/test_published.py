"""What is published with the repository: pins, and no word about the machines that it was made on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8")
# Split so that this file does not name what it forbids.
FORBIDDEN = ["pypi" + ".org", "python" + "hosted", "/" + "work/", "/" + "tmp/team", "." + "library"]


def test_every_requirement_is_pinned_and_hashed():
    blocks = re.split(r"\n(?=[A-Za-z0-9])", REQUIREMENTS.strip())
    assert len(blocks) > 40
    loose = [
        block.splitlines()[0]
        for block in blocks
        if not re.match(r"[A-Za-z0-9._\-\[\]]+==\S+", block) or "--hash=sha256:" not in block
    ]
    assert loose == []


def test_requirements_name_no_registry():
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links", REQUIREMENTS) == []


def test_the_ranges_of_pyproject_allow_the_pins():
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    pins = dict(re.findall(r"^([A-Za-z0-9._\-]+)==([^\s;]+)", REQUIREMENTS, re.MULTILINE))
    lower = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    for text in wanted:
        requirement = Requirement(text)
        assert requirement.specifier.contains(lower[requirement.name.lower()]), text


def test_nothing_published_names_a_place_of_the_workshop():
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".otf", ".wav"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {word}" for word in FORBIDDEN if word in text]
    assert found == []


def test_every_package_has_its_licence_written_down():
    listed = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([A-Za-z0-9._\-]+)==", REQUIREMENTS, re.MULTILINE))
    assert {name for name in pinned if f"| {name} |" not in listed} == set()
    written = set(re.findall(r"^\| ([a-z][a-z0-9\-]+) \| [^|]+ \|", listed, re.MULTILINE))
    assert written - pinned <= {"package", "part", "data"}
