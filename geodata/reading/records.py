"""A JSON file of records as a table of texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.errors import GeodataInputError


def read_records(path: Path) -> pd.DataFrame:
    """A list of objects, or an object that holds one such list, as texts; `row` is the number of the object, from 1.

    Raises:
        GeodataInputError: it is no JSON, or holds no list of objects or several.
    """
    try:
        given = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise GeodataInputError("%(file)s is no readable JSON: %(reason)s.", file=path, reason=error) from error
    lists = [given] if isinstance(given, list) else list(given.values()) if isinstance(given, dict) else []
    found = [one for one in lists if isinstance(one, list) and one and all(isinstance(row, dict) for row in one)]
    if len(found) != 1:
        raise GeodataInputError("%(file)s does not hold one list of records, one object each.", file=path)
    table = pd.DataFrame([{name: _text(value) for name, value in row.items()} for row in found[0]], dtype=object)
    return table.fillna("").assign(row=range(1, len(table) + 1))


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
