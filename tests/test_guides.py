"""The guides stay true: every command they show exists, both languages show the same, a ceremony goes as written."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from flask import Flask

from app import create_app
from lottery.plan import read_plan
from tests.paths import CHECKOUT
from zoning.policy import Policy

GUIDES = CHECKOUT / "docs" / "guide"
PAGES = sorted(page.name for page in (GUIDES / "en").glob("*.md"))
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`(flask [^`]+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
SETTING = re.compile(r"environ(?:\.get\(|\[)\s*\"([A-Z_]+)\"")
TEXT_IN_QUOTES = re.compile(r'"[^"]*"')


def text_of(language: str, page: str) -> str:
    return (GUIDES / language / page).read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    return [body for found, body in BLOCK.findall(text) if found == kind]


def shown(text: str) -> list[str]:
    """Every command line of a page, in its order: those in blocks, and `flask …` inside a sentence."""
    bodies = [*blocks(text, "sh"), *blocks(text, "")]
    lines = [line.strip() for body in bodies for line in body.splitlines()]
    return [line for line in lines if line] + INLINE.findall(BLOCK.sub("", text))


def flask_words(line: str) -> list[str]:
    """The words after `flask`, also where the command stands in `$(…)`; square brackets of a synopsis are dropped."""
    _before, found, rest = line.partition("flask ")
    return shlex.split(re.sub(r"[\[\]]", "", rest.removesuffix(")"))) if found else []


def find_command(app: Flask, words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and the words after its name."""
    command: click.Command = app.cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(click.Context(command), words[0])
        if inner is None and command.name == "lookup":
            inner, words = command.get_command(click.Context(command), "find"), ["find", *words]
        assert inner is not None, f"flask has no command {words[0]}"
        command, words = inner, words[1:]
    return command, words


def headings(text: str) -> list[int]:
    return [len(found) for found in re.findall(r"^(#+) ", BLOCK.sub("", text), re.MULTILINE)]


def test_both_languages_have_the_same_pages() -> None:
    assert sorted(page.name for page in (GUIDES / "zh").glob("*.md")) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_headings_and_commands(page: str) -> None:
    english, chinese = text_of("en", page), text_of("zh", page)
    assert headings(english) == headings(chinese)
    assert blocks(english, "json") == blocks(chinese, "json")
    assert [TEXT_IN_QUOTES.sub("…", line) for line in shown(english)] == [
        TEXT_IN_QUOTES.sub("…", line) for line in shown(chinese)
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_shown_exists(app: Flask, language: str, page: str) -> None:
    for line in shown(text_of(language, page)):
        words = flask_words(line)
        if not words:
            continue
        command, rest = find_command(app, words)
        known = {option for parameter in command.params for option in parameter.opts}
        unknown = [word for word in rest if word.startswith("--") and word != "--help" and word not in known]
        assert not unknown, line


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(language: str, page: str) -> None:
    targets = LINK.findall(text_of(language, page))
    assert [target for target in targets if not (GUIDES / language / target).exists()] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_operator_reads_of_every_environment_variable(language: str) -> None:
    rooms = ("accounts", "doors", "geodata", "ledger", "lookup", "lottery", "migrations", "zoning")
    code = "".join(path.read_text(encoding="utf-8") for room in rooms for path in (CHECKOUT / room).rglob("*.py"))
    assert {name for name in SETTING.findall(code) if f"`{name}`" not in text_of(language, "operator.md")} == set()


class Hall:
    """Bureau, witnesses with folders of their own, and a memory stick between them; plays lines of the guide."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.keys: dict[str, str] = {}
        self.printed: list[str] = []
        self.witnesses: list[str] = []

    def play(self, line: str) -> None:
        said = self.run(shlex.split(self.filled(line)))
        if line.startswith("flask ledger key"):
            self.keys[f"VKEY_{len(self.witnesses)}" if "--witness" in line else "LOG_VKEY"] = said.split()[0]
        if line.startswith("flask lottery secret"):
            self.printed.append(said.strip())

    def filled(self, line: str) -> str:
        """The line with what earlier commands printed in place of the guide's capitals, and paths of this test."""
        for name, value in self.keys.items():
            line = line.replace(f'"{name}"', value)
        if "COMMITMENT" in line:
            line = line.replace("COMMITMENT", self.printed.pop(0))
        return line.replace("/media/stick", str(self.place / "stick")).replace("$EVENHAND_AUDIT_LOGS", str(self.logs))

    @property
    def logs(self) -> Path:
        return self.place / "bureau" / "audit_logs"

    def run(self, words: list[str]) -> str:
        if words[0] == "cp":
            source, target = Path(words[-2]), Path(words[-1])
            if source.is_dir():
                shutil.copytree(source, target / source.name, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)
            return ""
        if words[0] == "python":
            words = [sys.executable, *words[1:]]
            done = subprocess.run(words, cwd=self.place, capture_output=True, text=True, check=False)
            return f"{done.stdout}{done.returncode}"
        return self.flask(words[1:])

    def flask(self, words: list[str]) -> str:
        """Run a command on the device of whoever the guide gives it to."""
        who = "bureau"
        if words[:2] == ["ledger", "key"] and "--witness" in words:
            who = words[2]
            self.witnesses.append(who)
        if words[:2] == ["ledger", "witness"]:
            who = words[words.index("--key") + 1]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("EVENHAND_INSTANCE", str(self.place / who / "instance"))
            patch.setenv("EVENHAND_AUDIT_LOGS", str(self.place / who / "audit_logs"))
            made = create_app()
        result = made.test_cli_runner().invoke(args=words)
        with made.app_context():
            made.extensions["evenhand-engine"].dispose()
        assert result.exit_code == 0, f"{words}: {result.output}"
        return str(result.output)


@pytest.fixture
def hall(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """An empty hall with a migrated database, cheap key stretching, and the test's folder as the place of files."""
    for name in ("ledger.keys._SCRYPT", "lottery.store._COST"):
        monkeypatch.setattr(name, {"n": 2**8, "p": 1, "r": 8})
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", "a passphrase for keys")
    monkeypatch.setenv("EVENHAND_ROSTER_PASSPHRASE", "a passphrase for rosters")
    (surroundings / "stick").mkdir()
    migrated = os.environ | {"EVENHAND_INSTANCE": str(surroundings / "bureau" / "instance")}
    alembic = [sys.executable, "-m", "alembic", "--raiseerr", "upgrade", "head"]
    subprocess.run(alembic, cwd=CHECKOUT, env=migrated, check=True, capture_output=True)
    monkeypatch.chdir(surroundings)
    return Hall(surroundings)


def write_rules(text: str, folder: Path) -> tuple[Path, Path]:
    """The guide's rules of both draws, with times that never pass."""
    rules, extra = (body.replace("2027-08-20T", "2999-08-20T") for body in blocks(text, "toml"))
    classes, homeroom = folder / "classes.toml", folder / "homeroom.toml"
    classes.write_text(rules, encoding="utf-8")
    changed = rules.replace('"class-placement"', '"homeroom"').replace("pool =", f"{extra}# pool =")
    homeroom.write_text(changed, encoding="utf-8")
    return classes, homeroom


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_rules_shown_can_be_read(language: str, tmp_path: Path) -> None:
    for path in write_rules(text_of(language, "draw.md"), tmp_path):
        assert len(read_plan(path).classes) == 3
    policy = tmp_path / "policy.toml"
    policy.write_text("".join(blocks(text_of(language, "planner.md"), "toml")), encoding="utf-8")
    assert Policy.read(policy).utilisation == (0.6, 1.0)


def test_a_ceremony_goes_as_the_guide_says(hall: Hall) -> None:
    text = text_of("zh", "draw.md")  # the other page shows the same commands, which a test above compares
    rehearse, *steps, verify = [body.splitlines() for body in blocks(text, "sh")]
    assert rehearse[0].startswith("flask lottery rehearse")
    write_rules(text, hall.place)
    keys, more_keys, create, rosters, freeze, freeze_teachers, stick, cosign, sign, notice, slips, *day, lists = steps
    witness = [*stick, *cosign, *sign]

    def play(lines: list[str], homeroom: bool = False) -> None:
        for line in lines:
            other = line.replace("CLASS-2027", "HOMEROOM-2027").replace(".secret", ".secret2")
            hall.play(other if homeroom else line)

    for lines in (keys, more_keys, create, rosters, freeze, witness):
        play(lines)
    play(freeze_teachers)
    play(witness, homeroom=True)
    play(notice)
    play(slips)
    assert len(list(Path("slips").iterdir())) == 2 * 120 + 1
    seals, commits, cast, reveals, dice, place = day
    for homeroom in (False, True):
        for lines in (seals, commits, witness, cast, reveals, stick, cosign, dice, witness, place, witness):
            play(lines, homeroom)
    play(lists)
    assert Path("class-lists.xlsx").exists()

    shutil.copytree(hall.logs / "classes-2027", "classes-2027")
    shutil.copy(CHECKOUT / "lottery" / "verify.py", "verify.py")
    assert verify[0] == "sha256sum verify.py"
    said = hall.run(shlex.split(verify[1]))
    assert "VERIFIED" in said
    assert said.endswith("0")
