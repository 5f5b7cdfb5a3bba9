"""What the READMEs tell a stranger to type works as written, on a small synthetic city in folders of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from geodata.demo import make_city, write_sources
from tests.paths import CHECKOUT

READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def blocks(name: str) -> list[list[str]]:
    """The commands of each block of shell lines, without comments."""
    found = BLOCK.findall((CHECKOUT / name).read_text(encoding="utf-8"))
    return [[line.split("    #")[0].strip() for line in block.splitlines() if line.strip()] for block in found]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that stands for the stranger's: `my-city/` with the files of a small city."""
    folder = tmp_path_factory.mktemp("stranger")
    write_sources(make_city(size=0.4), folder / "my-city")
    return folder


def run(place: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run shell lines in the checkout as a stranger would, but with every output in `place`."""
    for folder in ("my-city/", "instance/", "audit_logs/"):
        script = script.replace(folder, f"{place}/{folder}")
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=CHECKOUT,
        env=environment(place),
        capture_output=True,
        text=True,
        check=False,
    )


def environment(place: Path) -> dict[str, str]:
    own = {
        "EVENHAND_INSTANCE": str(place / "instance"),
        "EVENHAND_AUDIT_LOGS": str(place / "audit_logs"),
        "EVENHAND_KEY_PASSPHRASE": "a passphrase for keys",
        "EVENHAND_ROSTER_PASSPHRASE": "a passphrase for rosters",
    }
    outer = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "EVENHAND_ENV")}
    return outer | own


def in_place_of_the_example(place: Path, line: str) -> str:
    """The one thing a stranger must fill in: an address of the city."""
    if not line.startswith("flask lookup"):
        return line
    addresses = next((place / "instance" / "publications").glob("*/addresses.csv"))
    return f'flask lookup "{addresses.read_text(encoding="utf-8").splitlines()[1].split(",")[0]}"'


def test_both_languages_show_the_same_commands() -> None:
    english, chinese = ([re.sub('".*"', "…", line) for block in blocks(name) for line in block] for name in READMES)
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_every_file_that_a_readme_names_is_there(name: str) -> None:
    targets = LINK.findall((CHECKOUT / name).read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not (CHECKOUT / target).exists()] == []


def test_every_decision_is_listed_in_its_order() -> None:
    folder = CHECKOUT / "docs" / "adr"
    pages = {page.name: page.read_text(encoding="utf-8").splitlines()[0] for page in sorted(folder.glob("0*.md"))}
    listed = re.findall(r"^(\d+\. )\[(.+)\]\((.+)\)$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [(page, f"# {number}{title}") for number, title, page in listed] == list(pages.items())
    assert [number for number, _, _ in listed] == [f"{at}. " for at in range(1, len(pages) + 1)]


def test_the_two_set_up_commands_are_known_to_make() -> None:
    # Run in full they would run this very test; that they work from nothing is what CI shows.
    for line in blocks("README.md")[0]:
        assert (
            subprocess.run([*line.split(), "--dry-run"], cwd=CHECKOUT, capture_output=True, check=False).returncode == 0
        )


def test_own_city_from_recipe_to_served_page(place: Path) -> None:
    lines = blocks("README.md")[1]
    assert lines.pop() == "make serve"
    before, after = lines[: lines.index("make db") + 7], lines[lines.index("make db") + 7 :]
    done = run(place, "\n".join(before))
    assert done.returncode == 0, done.stderr
    done = run(place, "\n".join([lines[0], *(in_place_of_the_example(place, line) for line in after)]))
    assert done.returncode == 0, done.stderr
    assert "2027" in done.stdout
    assert "li.planner" in done.stderr
    assert "均衡学区" in served_page(place)


def served_page(place: Path) -> str:
    """Start `make serve` as written, fetch the first page, stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["make", "serve", f"PORT={port}"],
        cwd=CHECKOUT,
        env=environment(place),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return fetch(f"http://127.0.0.1:{port}/")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def fetch(url: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"no answer from {url}")


def test_a_rehearsed_draw_is_verified_with_its_notice(place: Path) -> None:
    done = run(place, "\n".join([blocks("README.md")[1][0], "make db", *blocks("README.md")[2]]))
    assert done.returncode == 0, done.stderr
    assert "VERIFIED (TEST)" in done.stdout
