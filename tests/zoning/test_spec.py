"""The worked example of docs/spec/zoning.md is what the code computes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.paths import CHECKOUT
from tests.zoning.folders import LIMITED, LINE, solved, write
from zoning.bound import arc_cost, lower_bound
from zoning.certificate import Certificate
from zoning.problem import Problem


@pytest.fixture
def example() -> dict[str, Any]:
    text = (CHECKOUT / "docs/spec/zoning.md").read_text(encoding="utf-8")
    found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_example_recomputes(tmp_path: Path, example: dict[str, Any]) -> None:
    problem = Problem.read(write(tmp_path, LINE, LIMITED))
    price = np.array([example["price"][name] for name in problem.targets])
    cost = problem.demand[:, None] * (arc_cost(problem) + price)
    least = np.where(problem.allowed, cost, np.inf).min(axis=1)
    assert dict(zip(problem.units, least.tolist(), strict=True)) == pytest.approx(example["unit_minimum"])
    seats = np.minimum(0.0, -price * problem.capacity)
    assert dict(zip(problem.targets, seats.tolist(), strict=True)) == pytest.approx(example["school_minimum"])
    bound = lower_bound(problem, Certificate(price, np.zeros((0, 2)), 0.0))
    assert bound == pytest.approx(example["lower_bound"])
    plan = solved(problem)
    assert dict(plan.assignment) == example["plan"]
    assert plan.figures.objective == pytest.approx(example["objective"])
    assert plan.lower_bound == pytest.approx(example["lower_bound"])
    assert plan.report()["gap"] == pytest.approx(example["gap"])
