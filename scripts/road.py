"""Walk the whole road by our own commands: from sources to a published catchment, a looked-up address and a draw.

`road.py demo` makes the synthetic city first; `road.py real` takes queens_village from EVENHAND_REAL_DATA. All is made
anew in instance/<name> and audit_logs/<name>. With SERVE=0 it stops after the work; otherwise it serves on PORT.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LOGINS = ("planner", "registrar", "operator", "auditor", "administrator")
POLICY = """[limits]
utilisation = [{least}, 1.0]
[weights]
distance = 1.0
"""


@dataclass(frozen=True)
class Road:
    """Where one walk leaves its things, and what it needs to know about its city."""

    name: str
    recipe: Path
    data: Path
    year: int
    least: float
    """No school of the plan is emptier: children ÷ seats."""

    @property
    def instance(self) -> Path:
        """Everything but the ledgers."""
        return ROOT / "instance" / self.name

    @property
    def audit_logs(self) -> Path:
        """The ledgers and evidence folders."""
        return ROOT / "audit_logs" / self.name


def main() -> int:
    """Walk, print the summary, serve unless SERVE=0."""
    name = sys.argv[1]
    road = real_road() if name == "real" else demo_road()
    if road is None:
        return 1
    prepare(road)
    started = time.monotonic()
    lines = walk(road)
    lines.append(("work", f"{time.monotonic() - started:.0f} s, peak memory {peak_memory():.1f} GB"))
    print_summary(road, lines)
    return serve() if os.environ.get("SERVE", "1") != "0" else 0


def demo_road() -> Road:
    """The synthetic city."""
    sources = ROOT / "instance" / "demo" / "sources"
    return Road("demo", sources / "recipe.toml", sources, 2027, 0.7)


def real_road() -> Road | None:
    """The real city, or None with a sentence where its data are not there."""
    data = Path(os.environ.get("EVENHAND_REAL_DATA", ROOT.parent / "shared" / "data")) / "queens_village"
    if not data.is_dir():
        print(f"The real data set is not at {data}; set EVENHAND_REAL_DATA to the folder that holds queens_village.")
        return None
    return Road("real", ROOT / "docs" / "recipes" / "queens.toml", data, 2024, 0.0)


def prepare(road: Road) -> None:
    """Empty the road's own folders and point every command to them."""
    for folder in (road.instance, road.audit_logs):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    os.environ["EVENHAND_INSTANCE"] = str(road.instance)
    os.environ["EVENHAND_AUDIT_LOGS"] = str(road.audit_logs)
    for name in ("EVENHAND_KEY_PASSPHRASE", "EVENHAND_ROSTER_PASSPHRASE"):
        os.environ[name] = secrets.token_urlsafe(24)
    os.environ.pop("DATABASE_URL", None)
    run(BIN / "alembic", "upgrade", "head")


def walk(road: Road) -> list[tuple[str, str]]:
    """Every step in order; returns the lines of the summary."""
    return zone(road) + look_up(road) + draw(road)


def zone(road: Road) -> list[tuple[str, str]]:
    """Sources, import, problem, today's map, optimum, check, publication."""
    city, problem, plan, current = (road.instance / part for part in ("city", "problem", "plan", "current"))
    policy = road.instance / "policy.toml"
    policy.write_text(POLICY.format(least=road.least), encoding="utf-8")
    if road.name == "demo":
        flask("geodata", "demo", "--out", road.data)
    flask("geodata", "import", road.recipe, "--data", road.data, "--out", city)
    flask("zoning", "problem", city, "--level", "primary", "--year", road.year, "--policy", policy, "--out", problem)
    flask("zoning", "current", problem, "--out", current)
    flask("zoning", "solve", problem, "--out", plan)
    report = json.loads(flask("zoning", "check", problem, plan, "--json"))["report"]
    change = json.loads(flask("zoning", "compare", problem, current, plan, "--json"))
    plan_id = flask("zoning", "add", plan).strip()
    flask("zoning", "publish", plan_id, "--from", road.year)
    imported = json.loads((city / "report.json").read_text(encoding="utf-8"))
    return import_lines(imported) + plan_lines(report, change) + [("plan", f"/plans/{plan_id}")]


def import_lines(report: dict[str, Any]) -> list[tuple[str, str]]:
    """What was read and made."""
    figures, run_ = report["figures"], report["run"]
    return [
        ("people", f"{figures['people_placed']:,.0f} (read: {figures['people_read']:,.0f})"),
        ("buildings", f"{figures['buildings']:,}"),
        ("units", f"{figures['units']:,}"),
        ("import", f"{run_['seconds']:.1f} s, peak memory {run_['peak_memory_mb']:.0f} MB"),
    ]


def plan_lines(report: dict[str, Any], change: dict[str, Any]) -> list[tuple[str, str]]:
    """The plan beside today's map."""
    today, plan = change["plans"]["a"], change["plans"]["b"]
    return [
        ("schools", f"{len(report['schools'])}"),
        ("certified gap", f"{100 * report['gap']:.3f} %"),
        ("every limit holds", "yes" if report["feasible"] else "no"),
        ("zones contiguous", "yes" if plan["contiguous"] else "no"),
        ("utilisation range", f"{100 * plan['lowest_utilisation']:.1f} % … {100 * plan['worst_utilisation']:.1f} %"),
        ("mean walk", f"{plan['mean_walk']:.0f} m (today {today['mean_walk']:.0f} m)"),
        ("worst utilisation today", f"{100 * today['worst_utilisation']:.1f} %"),
        ("children who change school", f"{100 * change['moved_share']:.1f} %"),
    ]


def look_up(road: Road) -> list[tuple[str, str]]:
    """Ask for one published address in the middle of the list, as a parent would."""
    folder = next((road.instance / "publications").iterdir())
    with (folder / "addresses.csv").open(encoding="utf-8", newline="") as file:
        addresses = [row["text"] for row in csv.DictReader(file)]
    address = addresses[len(addresses) // 2]
    answer = json.loads(flask("lookup", "find", address, "--json"))
    found = answer["answers"][0]
    return [("look-up", f"{address} → {found['schools'][0]['name']}, {found['metres']:.0f} m")]


def draw(road: Road) -> list[tuple[str, str]]:
    """A TEST ceremony, then the stand-alone verifier on its folder, with the notice and without."""
    rehearsal = road.instance / "rehearsal"
    flask("lottery", "rehearse", "--name", "test-rehearsal", "--out", rehearsal)
    flask("lottery", "class-lists", "TEST-REHEARSAL-CLASSES", "--out", road.instance / "class-lists.xlsx")
    evidence = road.audit_logs / "test-rehearsal"
    with_notice = verify(evidence, "--notice", rehearsal / "NOTICE.json")
    without = verify(evidence)
    verified = (with_notice, without) == ("VERIFIED (TEST)", "CONSISTENT ONLY")
    return [
        ("draw verified", f"{'yes' if verified else 'NO'}: {with_notice} with the notice, {without} without"),
        ("draw", "/draws/TEST-REHEARSAL-CLASSES"),
        ("class lists", str((road.instance / "class-lists.xlsx").relative_to(ROOT))),
    ]


def verify(evidence: Path, *arguments: str | Path) -> str:
    """The verdict of the stand-alone verifier."""
    command = [sys.executable, str(ROOT / "lottery" / "verify.py"), "--json", *map(str, arguments), str(evidence)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    answer = json.loads(done.stdout)
    return f"{answer['verdict']} (TEST)" if answer["verdict"] == "VERIFIED" and answer["test"] else answer["verdict"]


def flask(*arguments: object) -> str:
    """Run one command of ours, shown as one could type it; returns what it printed."""
    shown = " ".join(str(part).replace(f"{ROOT}/", "") for part in arguments)
    print(f"$ flask {shown}", flush=True)
    return run(BIN / "flask", "--app", "app", *arguments)


def run(*command: object) -> str:
    """Run a command in the project's folder; leave with its exit code if it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout)
        sys.exit(done.returncode)
    return done.stdout


def peak_memory() -> float:
    """The largest memory of any command run, in gigabytes."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


def print_summary(road: Road, lines: list[tuple[str, str]]) -> None:
    """The figures in two columns."""
    print(f"\n{'Synthetic demo city' if road.name == 'demo' else 'Queens Village'}")
    for name, value in lines:
        print(f"  {name + ':':<28}{value}")


def serve() -> int:
    """Make the logins, say what to open, serve until interrupted."""
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    print(f"\nOpen {address}/ (look-up), {address}/plans and {address}/draws. Logins, made now and shown this once:")
    for role in LOGINS:
        print(f"  {role:<16}{password(role)}")
    print(flush=True)
    command = [BIN / "gunicorn", "--bind", address.removeprefix("http://"), "--threads", "16", "app:create_app()"]
    return subprocess.call([str(part) for part in command], cwd=ROOT)


def password(role: str) -> str:
    """Add an account named as its role; the fresh password, which is the one thing the command prints on stdout."""
    command = [str(BIN / "flask"), "--app", "app", "accounts", "add", role, "--role", role]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
