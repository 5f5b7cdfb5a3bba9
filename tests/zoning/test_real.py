"""Fairfax County's census blocks: the published problem on which the relaxation's value is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.zoning_cases import fairfax
from tests.paths import REAL_DATA, needs_real_data
from tests.zoning.folders import solved
from zoning.bound import lower_bound
from zoning.problem import Problem
from zoning.relax import relax


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    return fairfax(REAL_DATA / "fcps_blocks")


@pytest.mark.realdata
@needs_real_data("fcps_blocks")
def test_the_mean_drive_can_never_be_under_252_8_seconds(blocks: Problem) -> None:
    assert len(blocks.units) == 9404
    assert len(blocks.targets) == 138
    assert 1000 * lower_bound(blocks, relax(blocks).certificate) == pytest.approx(252.8, abs=0.05)


@pytest.mark.realdata
@needs_real_data("fcps_blocks")
def test_a_short_run_is_contiguous_and_within_a_tenth_of_the_bound(blocks: Problem) -> None:
    plan = solved(blocks, effort=2)
    assert plan.figures.contiguous
    assert plan.figures.objective < 1.10 * plan.lower_bound
    assert plan.figures.violation < 0.005 * blocks.total
    assert np.unique(plan.choice).size == 138
