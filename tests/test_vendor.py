"""Browser libraries come from a lock file without addresses, and stand with licences and true hashes."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.paths import CHECKOUT


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/vendor.py on folders of its own."""
    spec = importlib.util.spec_from_file_location("vendor", CHECKOUT / "scripts" / "vendor.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(module, "VENDOR", tmp_path / "vendor")
    return module


def add_package(folder: Path, name: str, files: dict[str, str], **described: object) -> None:
    for path, text in {**files, "package.json": json.dumps({"version": "1.2.3", **described})}.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_text(text)


def test_a_library_stands_with_hashes_and_every_licence(vendor: ModuleType, tmp_path: Path) -> None:
    files = {file: file for file in vendor.LIBRARIES["maplibre-gl"]} | {"LICENSE.txt": "be kind"}
    add_package(vendor.MODULES, "maplibre-gl", files, license="BSD-3-Clause", dependencies={"@a/b": "1"})
    add_package(vendor.MODULES, "@a/b", {"LICENSE": "be kinder"}, license="MIT")
    assert vendor.main() == 0
    assert vendor.main() == 0
    placed = vendor.VENDOR / "maplibre-gl"
    listed = json.loads((vendor.VENDOR / "vendor.json").read_text())["maplibre-gl"]
    assert listed["version"] == "1.2.3"
    assert {path.name for path in placed.iterdir()} == set(listed["sha256"])
    for name, digest in listed["sha256"].items():
        assert hashlib.sha256((placed / name).read_bytes()).hexdigest() == digest
    licences = (placed / "LICENCES.txt").read_text()
    assert "be kind\n" in licences
    assert "=== @a/b 1.2.3: MIT\n\nbe kinder" in licences


def test_without_npm_it_says_what_to_run(vendor: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert vendor.main() == 2
    assert "npm ci --ignore-scripts" in capsys.readouterr().err
    assert not vendor.VENDOR.exists()


def test_the_lock_names_no_registry_and_pins_every_hash() -> None:
    lock = json.loads((CHECKOUT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not any("resolved" in entry for entry in packages.values())
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
