"""Small publication folders, written the way a bureau would publish them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

HEADS = {
    "zones.geojson": "",
    "schools.csv": "school,name,zone,lon,lat",
    "addresses.csv": "text,lon,lat,unit,school,metres",
}
WEST, SOUTH = 125.13, 42.89
SCHOOLS = [
    ("S1", "第一实验小学", "S1", WEST + 0.004, SOUTH + 0.005),
    ("S2", "滨河小学", "S2", WEST + 0.014, SOUTH + 0.004),
    ("S3", "东山小学", "G", WEST + 0.023, SOUTH + 0.002),
    ("S4", "东山小学南校区", "G", WEST + 0.025, SOUTH + 0.008),
]
ADDRESSES: list[tuple[str, float, float, str, str, object]] = [
    ("龙山区人民大街1号", WEST + 0.001, SOUTH + 0.002, "U1", "S1", 420),
    ("龙山区人民大街2号", WEST + 0.002, SOUTH + 0.002, "U1", "S1", 430),
    ("龙山区人民大街12号", WEST + 0.003, SOUTH + 0.002, "U1", "S1", 445.4),
    ("西安区人民大街12号", WEST + 0.0121, SOUTH + 0.007, "U4", "S2", 388),
    ("阳光小区3号楼", WEST + 0.006, SOUTH + 0.008, "U2", "S1", 515),
    ("阳光小区13号楼", WEST + 0.007, SOUTH + 0.008, "U2", "S1", 515),
    ("阳光小区", WEST + 0.0065, SOUTH + 0.0079, "U2", "S1", 515),
    ("向阳小区5号楼", WEST + 0.011, SOUTH + 0.003, "U3", "S2", 240),
    ("向阳小区5号楼", WEST + 0.021, SOUTH + 0.003, "U5", "G", 610),
    ("滨河路628弄4-7号", WEST + 0.012, SOUTH + 0.0035, "U3", "S2", 235),
    ("滨河路15甲", WEST + 0.013, SOUTH + 0.0035, "U3", "S2", 233),
    ("东山街8号", WEST + 0.0212, SOUTH + 0.0031, "U5", "G", 600),
    ("109-19 117th Street", WEST + 0.022, SOUTH + 0.006, "U6", "G", 300),
    ("109-10 117th Street", WEST + 0.0222, SOUTH + 0.006, "U6", "G", 300),
    ("郊外路1号", WEST + 0.06, SOUTH + 0.05, "U9", "", ""),
]


def square(column: int) -> dict[str, object]:
    """A zone about 800 m wide."""
    west, east = WEST + 0.01 * column, WEST + 0.01 * (column + 1)
    north = SOUTH + 0.01
    ring = [[west, SOUTH], [east, SOUTH], [east + 0.001, SOUTH + 0.004], [east, north], [west, north]]
    ring += [[west + 0.001, SOUTH + 0.004], [west, SOUTH]] if column else [[west, SOUTH]]
    return {"type": "Polygon", "coordinates": [ring]}


def zones(ids: Sequence[str] = ("S1", "S2", "G")) -> str:
    """The zones side by side."""
    features = [
        {"type": "Feature", "id": zone, "properties": {"school": zone}, "geometry": square(at)}
        for at, zone in enumerate(ids)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def table(name: str, rows: Sequence[Sequence[object]]) -> str:
    """One CSV of a publication."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADS[name].split(","))
    writer.writerows(rows)
    return text.getvalue()


def write_publication(folder: Path, files: dict[str, str] | None = None, **head: object) -> Path:
    """A publication folder whose hashes fit; `files` and `head` replace contents and fields."""
    folder.mkdir(parents=True)
    contents = {
        "zones.geojson": zones(),
        "schools.csv": table("schools.csv", SCHOOLS),
        "addresses.csv": table("addresses.csv", ADDRESSES),
        **(files or {}),
    }
    for name, text in contents.items():
        (folder / name).write_bytes(text.encode())
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in contents.items()}
    said = {
        "city": "东辰市",
        "level": "primary",
        "from_year": 2025,
        "plan": "4f2a91c077de" + "0" * 52,
        "parent": None,
        "synthetic": True,
        "files": hashes,
        **head,
    }
    (folder / "publication.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return folder
