"""Commands of the group `lottery`: conduct a ceremony step by step, or rehearse a whole one."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext

from doors import database, settings
from doors.terminal import Group, print_json
from ledger.cli import load_signer
from ledger.errors import EvenhandError
from ledger.files import whole_folder, write_whole
from ledger.keys import key_path
from lottery import demo_roster, tables, workbooks
from lottery.account import read_placed
from lottery.ceremony import Ceremony
from lottery.chances import same_class_bounds
from lottery.conduct import Conduct, Founding
from lottery.errors import LotteryError, LotteryInputError, StepError
from lottery.forms import is_code, secret_from_hex
from lottery.freeze import FrozenRoster, check_private, freeze_children, freeze_teachers
from lottery.manifest import HOMEROOM, PLACEMENT
from lottery.notice import make_notice, notice_bytes
from lottery.plan import read_plan
from lottery.public import parse_roster
from lottery.rehearse import Rehearsal, Script, rehearse
from lottery.rosterfile import Person, read_roster
from lottery.seed import commitment
from lottery.slip_sheet import sheet
from lottery.slips import check_ready, make_slips
from lottery.software import software_hash, verifier_bytes
from lottery.store import check_passphrase, read_store, write_store

group = Group("lottery", help="Public draws: class placement and homeroom teachers, step by step.")

PATH = click.Path(path_type=Path)
REHEARSED_CLASSES = 4


def now() -> int:
    """Unix seconds of this computer's clock; informative in the ledger."""
    return int(time.time())


def passphrase(new: bool = False) -> str:
    """EVENHAND_ROSTER_PASSPHRASE, else asked on the terminal (twice for a new roster): it opens the private rosters."""
    given = os.environ.get("EVENHAND_ROSTER_PASSPHRASE")
    if given:
        return given
    words = gettext("Passphrase of the private roster")
    asked: str = click.prompt(words, hide_input=True, confirmation_prompt=new, err=True)
    return asked


@group.command("create")
@click.argument("ceremony")
@click.option("--origin", required=True, help="Name of the ceremony's log, like edu.example.org/draws-2027.")
@click.option("--title", required=True, help="What people call the ceremony.")
@click.option("--key", help="The log's key (flask ledger key NAME); the origin unless given.")
@click.option("--witness", "witnesses", multiple=True, help="A witness's public key (vkey); repeatable.")
@click.option("--threshold", type=click.IntRange(min=1), help="How many witnesses must sign; all unless given.")
@click.option("--test", is_flag=True, help="A TEST ceremony: the origin's last part begins with test-.")
@with_appcontext
def create(  # one parameter for each option
    ceremony: str,
    origin: str,
    title: str,
    key: str | None,
    witnesses: tuple[str, ...],
    threshold: int | None,
    test: bool,
) -> None:
    """Start CEREMONY: a folder of that name among the audit logs, with a ledger of its own."""
    if not witnesses:
        raise LotteryInputError("Name at least one witness: --witness VKEY.")
    if not test:
        _refuse_own_witnesses(witnesses)
    folder = _folder(ceremony, new=True)
    signer, heads = load_signer(key or origin)
    founding = Founding(origin, title, test, witnesses, threshold or len(witnesses))
    Conduct.found(folder, founding, signer, now, heads)
    verifier = verifier_bytes()
    if verifier:
        write_whole(folder / "verify.py", verifier)
    click.echo(folder)


@group.command("freeze")
@click.argument("ceremony")
@click.argument("draw")
@click.option("--roster", required=True, type=PATH, help="XLSX or CSV: id, name and, for children, sex and score.")
@click.option("--rules", required=True, type=PATH, help="TOML: kind, title, classes, deadlines, sources.")
@with_appcontext
def freeze(ceremony: str, draw: str, roster: Path, rules: Path) -> None:
    """Freeze a roster and everything else about DRAW; afterwards nothing about it can be changed."""
    folder = _folder(ceremony)
    _check_unused(draw)
    plan = read_plan(rules)
    people = read_roster(roster)
    frozen = (
        freeze_teachers(draw, people, secrets.token_bytes)
        if plan.kind == HOMEROOM
        else freeze_children(draw, people, len(plan.classes), plan.pool, secrets.token_bytes)
    )
    conduct = _open_folder(folder)
    if conduct.ceremony.waits or draw in conduct.ceremony.draws:
        raise StepError("Nothing can be frozen now: a head waits for its witnesses, or the draw id is used.")
    store = _keep_private(folder.name, frozen)
    try:
        event = conduct.freeze(draw, plan, frozen, software_hash())
    except EvenhandError:
        if draw not in conduct.ceremony.draws:
            store.unlink()
        raise
    _done(conduct, event)
    if plan.kind == PLACEMENT:
        low, high = same_class_bounds(event["manifest"], frozen.lines)
        click.echo(gettext("Two children share a class with a chance of %(low)s to %(high)s.", low=low, high=high))


@group.command("notice")
@click.argument("ceremony")
@click.option("--out", required=True, type=PATH, help="The NOTICE.json to write; print and post what it says.")
@with_appcontext
def notice(ceremony: str, out: Path) -> None:
    """Write the anchors that a verifier needs from outside: origin, keys, roster roots, manifests."""
    _write_new(out, notice_bytes(make_notice(_read_only(_folder(ceremony)).ceremony, verifier_bytes())))


@group.command("secret")
@click.argument("draw")
@click.argument("source")
@click.option("--out", required=True, type=PATH, help="File for the secret; keep it to yourself until the reveal.")
def secret(draw: str, source: str, out: Path) -> None:
    """Make a contributor's secret (on the contributor's own device) and print its commitment."""
    made = secrets.token_bytes(32)
    _write_new(out, (made.hex() + "\n").encode(), mode=0o600)
    click.echo(commitment(draw, source, made).hex())


@group.command("commit")
@click.argument("draw")
@click.argument("source")
@click.argument("value", metavar="COMMITMENT")
@with_appcontext
def commit(draw: str, source: str, value: str) -> None:
    """Record the commitment of SOURCE (64 hexadecimal digits)."""
    conduct = _open(draw)
    _done(conduct, conduct.commit(draw, source, value.strip().lower()))


@group.command("close")
@click.argument("draw")
@with_appcontext
def close(draw: str) -> None:
    """Close the commitments of DRAW; later in the ceremony, close the reveals."""
    conduct = _open(draw)
    step = conduct.close_reveals if conduct.ceremony.draw(draw).state == "revealing" else conduct.close
    _done(conduct, step(draw))


@group.command("cast")
@click.argument("draw")
@click.argument("source")
@with_appcontext
def cast(draw: str, source: str) -> None:
    """Record that the dice or balls of SOURCE lie covered and unread."""
    conduct = _open(draw)
    _done(conduct, conduct.cast(draw, source))


@group.command("reveal")
@click.argument("draw")
@click.argument("source")
@click.option("--file", "path", required=True, type=PATH, help="The contributor's secret.")
@with_appcontext
def reveal(draw: str, source: str, path: Path) -> None:
    """Record the secret of SOURCE. One that does not match its commitment is recorded and counts as empty."""
    if not path.is_file():
        raise LotteryInputError("There is no file %(path)s.", path=path)
    conduct = _open(draw)
    event = conduct.reveal(draw, source, secret_from_hex(path.read_text(encoding="ascii", errors="replace")))
    if not event["matches"]:
        click.echo(gettext("This secret does not match the commitment: it counts as empty."), err=True)
    _done(conduct, event)


@group.command("dice")
@click.argument("draw")
@click.argument("source")
@click.option("--first", required=True, help="The numbers as the first typist typed them, like 3,1,6.")
@click.option("--second", required=True, help="The same numbers, typed again by the second typist.")
@click.option("--reader", required=True, help="Who read them aloud (an office rather than a name).")
@click.option("--typist", "typists", multiple=True, required=True, help="Who typed; give it twice.")
@with_appcontext
def dice(draw: str, source: str, first: str, second: str, reader: str, typists: tuple[str, ...]) -> None:
    """Record the numbers of SOURCE after uncovering: dice or balls, in the order of their places."""
    conduct = _open(draw)
    readings = [_digits(first), _digits(second)]
    _done(conduct, conduct.uncover(draw, source, readings, reader, typists))


@group.command("sign")
@click.argument("draw")
@with_appcontext
def sign(draw: str) -> None:
    """Record the head of DRAW that the witnesses co-signed (flask ledger witness); four times in a draw."""
    conduct = _open(draw)
    _done(conduct, conduct.sign(draw))


@group.command("place")
@click.argument("draw")
@with_appcontext
def place(draw: str) -> None:
    """Compute and record the result of DRAW, classes or homeroom teachers; after a crash it comes out the same."""
    conduct = _open(draw)
    _done(conduct, conduct.compute(draw))


@group.command("void")
@click.argument("draw")
@click.option("--reason", required=True)
@with_appcontext
def void(draw: str, reason: str) -> None:
    """End DRAW without a result; impossible once anything about its seed can be known."""
    conduct = _open(draw)
    _done(conduct, conduct.void(draw, reason))


@group.command("set-aside")
@click.argument("draw")
@click.option("--reason", required=True)
@click.option("--authority", required=True, help="Who annulled the result.")
@click.option("--document", required=True, help="Number of the decision.")
@with_appcontext
def set_aside(draw: str, reason: str, authority: str, document: str) -> None:
    """Record that an authority annulled the signed result of DRAW; the result stays public."""
    conduct = _open(draw)
    event = conduct.record(type="SET_ASIDE", draw=draw, reason=reason, authority=authority, document=document)
    _done(conduct, event)


@group.command("status")
@click.argument("ceremony")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def status(ceremony: str, as_json: bool) -> None:
    """Show where CEREMONY stands."""
    found = _read_only(_folder(ceremony)).ceremony
    founding = found.founding or {}
    waits = {"draw": found.waits[0], "stage": found.waits[1]} if found.waits else None
    draws = [{"draw": each.id, "kind": each.kind, "state": each.state} for each in found.draws.values()]
    if as_json:
        print_json({"origin": founding["origin"], "test": founding["test"], "waits": waits, "draws": draws})
        return
    click.echo(f"{founding['origin']}{' (TEST)' if founding['test'] else ''}")
    for each in draws:
        click.echo(f"{each['draw']}  {each['kind']}  {each['state']}")
    if waits:
        click.echo(gettext("Waiting for the witnesses: %(draw)s, %(stage)s.", **waits))


@group.command("index")
@with_appcontext
def index() -> None:
    """Bring the pages' list of draws up to date with the folders among the audit logs."""
    with database.session() as session:
        tables.forget_missing(session, settings.current().audit_logs)
        for path in sorted(settings.current().audit_logs.glob("[!.]*/draws")):
            click.echo(f"{path.parent.name} {tables.index_ceremony(session, path.parent)}")


@group.command("class-lists")
@click.argument("draw")
@click.option("--out", required=True, type=PATH, help="The XLSX file to write.")
@with_appcontext
def class_lists(draw: str, out: Path) -> None:
    """Write the registrar's named class lists of a signed class placement: a sheet and a printed page per class."""
    _write_new(out, _class_lists(_find(draw), draw, passphrase()), mode=0o600)


@group.command("slips")
@click.argument("draw")
@click.option("--out", required=True, type=PATH, help="The new folder; it holds names, so only its owner can read it.")
@with_appcontext
def slips(draw: str, out: Path) -> None:
    """Write everybody's slip of the frozen DRAW: slips.html to print and cut, and two files each to check it with."""
    folder = _find(draw)
    ceremony = _read_only(folder).ceremony
    check_ready(ceremony.draw(draw))
    _check_new_folder(out)
    files = _slip_files(folder, ceremony, draw, passphrase())
    with whole_folder(out, mode=0o700) as new:
        for name, data in files.items():
            (new / name).touch(mode=0o600)
            (new / name).write_bytes(data)
    click.echo(
        gettext(
            "%(count)s slips. They hold names: hand them out against signature, then delete the folder.",
            count=ceremony.draw(draw).manifest["roster_size"],
        )
    )


@group.command("demo-roster")
@click.option("--out", required=True, type=PATH, help="The XLSX file to write.")
@click.option("--children", type=click.IntRange(min=1), help="How many children.")
@click.option("--teachers", type=click.IntRange(min=1), help="How many teachers, instead of children.")
def write_demo_roster(out: Path, children: int | None, teachers: int | None) -> None:
    """Write a synthetic roster of invented people."""
    if (children is None) == (teachers is None):
        raise click.UsageError(gettext("Give either --children or --teachers."))
    people = (
        demo_roster.demo_children(children, secrets.token_bytes)
        if children
        else demo_roster.demo_teachers(teachers or 0, secrets.token_bytes)
    )
    _write_new(out, workbooks.table_xlsx("演示数据（虚构）", demo_roster.roster_rows(people)))


@group.command("rehearse")
@click.option("--out", required=True, type=PATH, help="New folder for rosters, NOTICE.json and class lists.")
@click.option("--name", default="test-rehearsal", show_default=True, help="Name of the ceremony's folder and origin.")
@click.option("--children", default=180, show_default=True, type=click.IntRange(min=40))
@click.option("--classes", default=REHEARSED_CLASSES, show_default=True, type=click.IntRange(min=2, max=40))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def play(out: Path, name: str, children: int, classes: int, as_json: bool) -> None:
    """Play a whole TEST ceremony with every party simulated: 2 witnesses, 3 contributors, dice, both draws."""
    if not name.startswith("test-"):
        raise LotteryInputError("The name of a rehearsal begins with test-.")
    folder, word = _folder(name, new=True), passphrase(new=True)
    check_passphrase(word)
    script = _rehearsal_script(name, children, classes)
    draws = [script.children_draw, script.teachers_draw]
    for draw in draws:
        _check_unused(draw)
    if out.exists():
        raise LotteryInputError("The folder %(path)s exists already.", path=out)
    _hand_out(out, folder, script, _rehearse(folder, script), word)
    found = {"evidence": str(folder), "notice": str(out / "NOTICE.json"), "draws": draws, "test": True}
    if as_json:
        print_json(found)
        return
    click.echo(gettext("TEST rehearsal: every party was simulated by this program."))
    click.echo(f"{found['evidence']}\n{found['notice']}\n{' '.join(draws)}")


def _rehearsal_script(name: str, children: int, classes: int) -> Script:
    words = name.removeprefix("test-").upper()
    return Script(
        demo_roster.demo_children(children, secrets.token_bytes),
        demo_roster.demo_teachers(classes, secrets.token_bytes),
        [f"{number}班" for number in range(1, classes + 1)],
        origin=f"example.org/{name}",
        title="模拟派位分班（测试）",
        children_draw=f"TEST-{words}-CLASSES",
        teachers_draw=f"TEST-{words}-HOMEROOM",
        labels={"organiser": "教育局", "parent": "家长代表", "inspector": "纪检监察", "dice": "现场骰子"},
    )


def _hand_out(out: Path, folder: Path, script: Script, played: Rehearsal, word: str) -> None:
    """Keep the private rosters of a rehearsal and write what people get of it; if that fails, nothing stays."""
    stores = {_store_path(folder.name, private.draw): private for private in played.private}
    try:
        for path, private in stores.items():
            write_store(path, private, word, secrets.token_bytes)
        _write_handouts(out, folder, script, played, word)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for path in stores:
            path.unlink(missing_ok=True)
        raise


def _write_handouts(out: Path, folder: Path, script: Script, played: Rehearsal, word: str) -> None:
    files = {
        "NOTICE.json": notice_bytes(played.notice),
        "children.xlsx": workbooks.table_xlsx("演示数据（虚构）", demo_roster.roster_rows(script.children)),
        "teachers.xlsx": workbooks.table_xlsx("演示数据（虚构）", demo_roster.roster_rows(script.teachers)),
        "class-lists.xlsx": _class_lists(folder, script.children_draw, word),
    }
    with whole_folder(out) as new:
        for file, data in files.items():
            write_whole(new / file, data)
        _index(folder)


def _rehearse(folder: Path, script: Script) -> Rehearsal:
    """Play in a hidden folder that becomes `folder` at the end: a rehearsal that fails leaves nothing."""
    hidden = folder.with_name(f".{folder.name}")
    shutil.rmtree(hidden, ignore_errors=True)
    try:
        played = rehearse(
            hidden,
            script,
            random=secrets.token_bytes,
            clock=now,
            verifier=verifier_bytes(),
            software=software_hash(),
        )
        hidden.rename(folder)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return played


def _class_lists(folder: Path, draw: str, word: str) -> bytes:
    conduct = _read_only(folder)
    state = conduct.ceremony.draw(draw)
    if state.kind != PLACEMENT or state.state != "signed":
        raise StepError("Class lists are made from a signed class placement; %(draw)s is none.", draw=draw)
    placed = {code: one.group for code, one in read_placed(folder, state).items()}
    classes = workbooks.by_class(placed, _people(folder, draw, word))
    teachers = _teachers(conduct, folder, draw, word)
    lists = [
        workbooks.ClassList(each["name"], teachers.get(each["code"], ""), classes.get(each["code"], []))
        for each in state.manifest["classes"]
    ]
    root = (state.result or {})["result_root"]
    kind = "测试 TEST　" if state.manifest["test"] else ""
    return workbooks.class_lists_xlsx(state.manifest["title"], f"{kind}{draw}　结果指纹 {root[:16]}", lists)


def _slip_files(folder: Path, ceremony: Ceremony, draw: str, word: str) -> dict[str, bytes]:
    """Name and bytes of every file of the slips."""
    state, files = ceremony.draw(draw), folder / "draws" / draw
    lines = parse_roster((files / "roster.csv").read_bytes())
    private = read_store(_store_path(folder.name, draw), word)
    made = make_slips(state, lines, (files / "roster.checkpoint").read_bytes(), ceremony.verifiers[0], private)
    found = {"slips.html": sheet(made, state.manifest)}
    for slip in made:
        found[f"{slip.line.code}.json"] = slip.encode(state.manifest)
        found[f"{slip.line.code}.tlog-proof"] = slip.proof.encode()
    return found


def _teachers(conduct: Conduct, folder: Path, placement: str, word: str) -> dict[str, str]:
    """Homeroom teacher's name of each class, if that draw is signed and its private roster is here."""
    for draw in conduct.ceremony.draws.values():
        store = _store_path(folder.name, draw.id)
        if draw.manifest["after"] == placement and draw.state == "signed" and store.exists():
            people = _people(folder, draw.id, word)
            return {one.group: people[one.code].name for one in read_placed(folder, draw).values()}
    return {}


def _people(folder: Path, draw: str, word: str) -> dict[str, Person]:
    """Who is behind each code, if the private roster is the one that was frozen."""
    private = read_store(_store_path(folder.name, draw), word)
    check_private(private, parse_roster((folder / "draws" / draw / "roster.csv").read_bytes()))
    return {code: each.person for code, each in private.people.items()}


def _refuse_own_witnesses(witnesses: Iterable[str]) -> None:
    """A witness whose key lies among the organiser's keys witnesses nothing; a TEST may do with one computer."""
    for name in (vkey.split("+", 1)[0] for vkey in witnesses):
        if key_path(settings.current().keys, name).exists():
            raise LotteryInputError(
                "The key of the witness %(name)s is on this computer: a witness makes and keeps it on a device of its "
                "own.",
                name=name,
            )


def _folder(ceremony: str, new: bool = False) -> Path:
    """The ceremony's folder among the audit logs."""
    if ceremony in ("", ".", "..") or "/" in ceremony or "\\" in ceremony:
        raise LotteryInputError("%(name)r cannot be the name of a ceremony.", name=ceremony)
    folder = settings.current().audit_logs / ceremony
    if new and folder.exists():
        raise LotteryInputError("The folder %(path)s exists already.", path=folder)
    if not new and not (folder / "events").is_dir():
        raise LotteryInputError("There is no ceremony %(name)s; start it with: flask lottery create.", name=ceremony)
    return folder


def _find(draw: str) -> Path:
    """The ceremony folder that holds the draw."""
    found = _holding(draw)
    if not found:
        raise LotteryInputError("There is no draw %(draw)s; freeze it first.", draw=draw)
    if len(found) > 1:
        raise LotteryError(
            "The draw %(draw)s stands in two ceremonies, %(one)s and %(other)s: move the wrong one away.",
            draw=draw,
            one=found[0].name,
            other=found[1].name,
        )
    return found[0]


def _holding(draw: str) -> list[Path]:
    """Every ceremony's folder that holds the draw; a hidden one is a rehearsal that was never finished."""
    found = settings.current().audit_logs.glob(f"[!.]*/draws/{draw}") if is_code(draw) else ()
    return sorted(path.parent.parent for path in found)


def _check_unused(draw: str) -> None:
    if _holding(draw):
        raise LotteryInputError("The draw id %(draw)s is used already.", draw=draw)


def _open(draw: str) -> Conduct:
    return _open_folder(_find(draw))


def _open_folder(folder: Path) -> Conduct:
    founding = _read_only(folder).ceremony.founding or {}
    signer, heads = load_signer(founding["log_key"].split("+", 1)[0])
    return Conduct.open(folder, signer, now, heads)


def _read_only(folder: Path) -> Conduct:
    return Conduct.open(folder, None, now)


def _store_path(ceremony: str, draw: str) -> Path:
    return settings.current().instance / "lottery" / ceremony / f"{draw}.sealed"


def _keep_private(ceremony: str, frozen: FrozenRoster) -> Path:
    path = _store_path(ceremony, frozen.private.draw)
    write_store(path, frozen.private, passphrase(new=True), secrets.token_bytes)
    return path


def _index(folder: Path) -> None:
    with database.session() as session:
        tables.index_ceremony(session, folder)


def _done(conduct: Conduct, event: Any) -> None:
    """Say what was recorded, and what comes next where it is the witnesses' turn."""
    _index(conduct.folder)
    click.echo(f"{event['number']} {event['type']} {event['draw']}")
    if conduct.ceremony.waits:
        click.echo(
            gettext("Next: the witnesses co-sign the head, then: flask lottery sign %(draw)s", draw=event["draw"])
        )


def _digits(text: str) -> list[int]:
    words = text.replace(",", " ").replace("，", " ").split()
    if not words or not all(word.isascii() and word.isdigit() for word in words):
        raise LotteryInputError("Numbers are typed like 3,1,6; %(text)r is something else.", text=text)
    return [int(word) for word in words]


def _check_new_folder(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise LotteryInputError("The folder %(path)s exists already.", path=path)
    if not path.parent.is_dir():
        raise LotteryInputError("There is no folder %(path)s.", path=path.parent)


def _write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    if path.exists():
        raise LotteryInputError("The file %(path)s exists already.", path=path)
    if not path.parent.is_dir():
        raise LotteryInputError("There is no folder %(path)s.", path=path.parent)
    write_whole(path, data, mode)
