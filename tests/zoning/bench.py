"""A tiny city with its problem and plan, and the command line to handle them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskCliRunner

from tests.zoning.tiny import make_city, make_plan, make_problem

PASSPHRASE = "correct horse battery"


def make_folders(root: Path) -> tuple[Path, Path, Path]:
    """City, problem and plan below `root`."""
    city = make_city(root / "city")
    problem = make_problem(city, root / "problem")
    return city, problem, make_plan(problem, root / "plan")


@dataclass
class Bench:
    """Folders below `root`, and `flask zoning` on them."""

    root: Path
    city: Path
    problem: Path
    plan: Path
    cli: FlaskCliRunner

    @classmethod
    def make(cls, root: Path, cli: FlaskCliRunner) -> Bench:
        return cls(root, *make_folders(root), cli)

    def run(self, *args: object) -> Any:
        return self.cli.invoke(args=["zoning", *map(str, args)])

    def add(self, plan: Path | None = None) -> str:
        result = self.run("add", plan or self.plan)
        assert result.exit_code == 0, result.output
        return str(result.stdout).split()[-1]

    def publish(self, plan_id: str, year: int = 2027) -> Path:
        result = self.run("publish", plan_id, "--from", year)
        assert result.exit_code == 0, result.output
        return Path(result.stdout.split()[-1])
