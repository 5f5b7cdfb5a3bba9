"""The notice names what can be checked: a draw that was voided and frozen anew is VERIFIED with the new notice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lottery import verify
from lottery.errors import StepError
from lottery.notice import make_notice, notice_bytes
from lottery.rehearse import HOUR, Parties, StepClock, cannot_wait, freeze_rosters
from tests.lottery.hall import DRAW, script
from tests.vectors.make_example import Counted

AGAIN = "TEST-AGAIN"


@pytest.fixture
def voided(tmp_path: Path) -> Parties:
    """A ceremony whose only draw is void."""
    (tmp_path / "memory").mkdir()
    parties = Parties(
        tmp_path / "hall", tmp_path / "memory", script(teachers=[], children_draw=DRAW), Counted("n"), StepClock()
    )
    freeze_rosters(parties, parties.clock(), "0" * 64)
    parties.conduct.void(DRAW, "a name was missing")
    return parties


def test_a_ceremony_whose_draws_are_all_void_has_nothing_to_post(voided: Parties) -> None:
    with pytest.raises(StepError, match="Freeze a roster first"):
        make_notice(voided.conduct.ceremony, None)


def test_a_draw_after_a_void_one_is_verified(voided: Parties, tmp_path: Path) -> None:
    voided.script = replace(voided.script, children_draw=AGAIN)
    start = voided.clock()
    freeze_rosters(voided, start, "0" * 64)
    notice = make_notice(voided.conduct.ceremony, None)
    assert [draw["draw"] for draw in notice["draws"]] == [AGAIN]
    voided.draw(AGAIN, cannot_wait, start + HOUR)
    path = tmp_path / "NOTICE.json"
    path.write_bytes(notice_bytes(notice))
    assert verify.main(["--notice", str(path), str(voided.conduct.folder)]) == 0
