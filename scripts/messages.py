"""Translation catalogues: bring them up to date with the code, or (`--check`) say what is missing or left over."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("accounts", "doors", "geodata", "ledger", "lookup", "lottery", "templates", "zoning")
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
LANGUAGES = ("zh_Hans", "en")
ERROR_CLASS = re.compile(r"^class (\w+)\((?:\w*Error)\):", re.MULTILINE)
OWN = ("EvenhandError", "Phrase", "doubt", "progress", "refuse", "tick")
"""Functions of ours whose first argument is a message, besides the errors."""
VOLATILE = re.compile(rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team)[^\n]*\n')
FIELD = re.compile(r"%\(\w+\)[-.\d]*[sdrfg]")
"""A whole field; one that lost its letter would break the sentence where it is spoken."""
HEADER = "# Messages of Evenhand. Made by `make messages`; the translations are written by hand."


def main() -> int:
    """Update the catalogues, or check them; the number of problems is printed."""
    wanted = extract()
    check = "--check" in sys.argv[1:]
    problems = [problem for language in LANGUAGES for problem in bring_up_to_date(language, wanted, check)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def extract() -> Catalog:
    """Every message of the code and the templates. An error's class name marks its first argument as a message."""
    errors = {name: None for room in ROOMS for path in (ROOT / room).rglob("*.py") for name in classes(path)}
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), **dict.fromkeys(OWN), **errors}
    catalog = Catalog(project="Evenhand", version="0.1", fuzzy=False)
    for room in ROOMS:
        found = extract_from_dir(
            ROOT / room,
            method_map=[(pattern.removeprefix("templates/"), method) for pattern, method in METHODS],
            keywords=keywords,
        )
        for name, _line, message, _comments, context in found:
            catalog.add(message, None, [(f"{room}/{name}", None)], context=context)
    return catalog


def classes(path: Path) -> list[str]:
    """Names of the error classes that `path` defines."""
    return ERROR_CLASS.findall(path.read_text(encoding="utf-8"))


def bring_up_to_date(language: str, wanted: Catalog, check: bool) -> list[str]:
    """Rewrite one language's catalogue (unless `check`) and return what is wrong with it."""
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    before = path.read_bytes() if path.exists() else b""
    catalog = read_po(io.BytesIO(before), locale=language)
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.header_comment = HEADER
    catalog.project, catalog.version, catalog.msgid_bugs_address, catalog.fuzzy = "Evenhand", "0.1", "", False
    after = to_bytes(catalog)
    if not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(after)
    name = str(path.relative_to(ROOT))
    outdated = [f"{name}: out of date; run make messages"] if check and before != after else []
    return outdated + complaints(name, read_po(io.BytesIO(after), locale=language), language)


def to_bytes(catalog: Catalog) -> bytes:
    """The catalogue as a file, without the header lines that change at every run."""
    out = io.BytesIO()
    write_po(out, catalog, width=110, sort_output=True, no_location=True, ignore_obsolete=True)
    return VOLATILE.sub(b"", out.getvalue())


def complaints(name: str, catalog: Catalog, language: str) -> list[str]:
    """English is the source language, so only the other catalogues must be filled; fields must match everywhere."""
    found = []
    for message in catalog:
        if not message.id:
            continue
        spoken = message.string if isinstance(message.string, tuple) else (message.string,)
        if language != "en" and not all(spoken):
            found.append(f"{name}: not translated: {message.id!r}")
        if message.python_format and any("%(" in FIELD.sub("", text) for text in spoken):
            found.append(f"{name}: a field without its letter in the translation of {message.id!r}")
        found += [f"{name}: {error} in {message.id!r}" for error in message.check(catalog)]
    return found


if __name__ == "__main__":
    sys.exit(main())
