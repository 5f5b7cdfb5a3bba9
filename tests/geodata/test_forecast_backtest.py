"""The back-test on real schools: an honest table, whose baseline is the published one."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.geodata_forecast import back_test, enrolment
from tests.paths import REAL_DATA, needs_real_data


@pytest.mark.realdata
@needs_real_data("queens_village")
def test_no_change_misses_the_real_schools_by_8_3_percent() -> None:
    given = enrolment(REAL_DATA / "queens_village")
    rows = {str(row["method"]): row for row in back_test(given, {"": 0.98})}
    assert len(given) == 16
    assert rows["no_change"]["mean_error_percent"] == 8.25
    assert rows["own_trend"]["mean_error_percent"] == 16.31
    assert set(rows) == {"no_change", "own_trend", "common_trend", "cohorts"}


def test_a_school_that_falls_by_a_tenth_a_year_is_its_own_trend() -> None:
    given = pd.DataFrame({"2019-20": [1000.0], "2020-21": [900.0], "2021-22": [810.0], "2024-25": [810 * 0.9**3]})
    rows = {str(row["method"]): row for row in back_test(given, None)}
    assert rows["own_trend"]["mean_error_percent"] == 0
    assert rows["no_change"]["error_of_the_sum_percent"] == pytest.approx(100 * (0.9**-3 - 1), abs=0.01)
