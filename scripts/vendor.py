"""Copy the browser libraries from node_modules to static/vendor, each with its licences and hashes.

    npm ci --ignore-scripts && python scripts/vendor.py

What is copied stands in LIBRARIES; static/vendor/vendor.json lists version, licence and SHA-256 of every file.
Exits 2 with one sentence where npm has not run.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
MODULES = CHECKOUT / "node_modules"
VENDOR = CHECKOUT / "static" / "vendor"
LIBRARIES = {"maplibre-gl": ("dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css")}


def main() -> int:
    """Copy everything; 0 done, 2 npm has not run."""
    missing = [name for name in LIBRARIES if not (MODULES / name).is_dir()]
    if missing:
        print(f"node_modules lacks {', '.join(missing)}: run npm ci --ignore-scripts first.", file=sys.stderr)
        return 2
    shutil.rmtree(VENDOR, ignore_errors=True)
    report = {name: copy_library(name, files) for name, files in LIBRARIES.items()}
    write_json(VENDOR / "vendor.json", report)
    return 0


def copy_library(name: str, files: tuple[str, ...]) -> dict[str, object]:
    """Copy one library's files and all licences of what is built into them; return its entry in vendor.json."""
    target = VENDOR / name
    target.mkdir(parents=True)
    for file in files:
        shutil.copyfile(MODULES / name / file, target / Path(file).name)
    described = json.loads((MODULES / name / "package.json").read_text(encoding="utf-8"))
    (target / "LICENCES.txt").write_text(licences(name), encoding="utf-8")
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(target.iterdir())}
    return {"version": described["version"], "licence": described["license"], "sha256": hashes}


def licences(name: str) -> str:
    """The licence texts of a package and of everything it depends on, one after the other."""
    parts = []
    for package in [name, *sorted(dependencies(name) - {name})]:
        described = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
        found = sorted(path for path in (MODULES / package).iterdir() if path.name.upper().startswith("LICEN"))
        text = "\n".join(path.read_text(encoding="utf-8") for path in found) or "(no licence file in the package)"
        parts.append(f"=== {package} {described['version']}: {described.get('license', 'unknown')}\n\n{text}\n")
    return "\n".join(parts)


def dependencies(name: str) -> set[str]:
    """The names of a package and everything it needs at run time."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        package = waiting.pop()
        if package in found or not (MODULES / package).is_dir():
            continue
        found.add(package)
        described = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
        waiting += described.get("dependencies", {})
    return found


def write_json(path: Path, value: object) -> None:
    """Write one JSON document with sorted keys."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
