"""Making units against momepy's own enclosed tessellation: the same enclosures, the same buildings, the same distance.

Ours is the whole of `make_units`: the compounds' grounds, their cells, faces with shared borders, joined scraps, the
pairs with their borders and barriers. momepy's is one call of `enclosed_tessellation` and nothing else: once on the
compounds' grounds (the buildings of each, together) in the blocks that several share, once on the single buildings in
all blocks. `python -m benchmarks.geodata_units`.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import geopandas as gpd
import momepy
import numpy as np
import shapely

from benchmarks.geodata_city import write_city
from benchmarks.measure import Lines, timed
from geodata.gather import gather
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.recipe.recipe import read_recipe
from geodata.streets.passages import passages
from geodata.units.blocks import make_blocks, make_units
from geodata.units.cells import SEGMENT, compound_cells
from geodata.units.faces import find

BAR = 0.8
"""momepy's seconds ÷ ours: as quick within 25 %."""
BUILDINGS = 30_000


def city() -> Gathered:
    """The synthetic city, read."""
    with tempfile.TemporaryDirectory() as folder:
        write_city(Path(folder) / "sources", BUILDINGS)
        return gather(read_recipe(Path(folder) / "sources" / "recipe.toml", None), Notes())


def main() -> None:
    """Print both cases."""
    warnings.simplefilter("ignore")
    given = city()
    inner = shapely.point_on_surface(given.buildings.geometry.to_numpy())
    barriers = given.barriers.geometry.to_numpy()
    edges = list(given.streets.geometry[given.streets["edge"]].to_numpy())
    bridges = passages(given.streets, given.barriers).open()
    blocks = make_blocks(given.area, edges, barriers, inner[given.buildings["dwelling"].to_numpy()])
    block_of = find(blocks.shapes, inner)
    cells = compound_cells(blocks.shapes, block_of, given.buildings)
    units, seconds = timed(lambda: make_units(given.area, blocks, given.buildings, barriers, bridges))
    grounds = given.buildings.geometry.groupby([block_of, given.buildings["compound"].to_numpy()]).agg(
        lambda shapes: shapely.union_all(shapes.to_numpy())
    )
    divided = np.unique(cells["block"])
    grounds = gpd.GeoSeries(grounds[grounds.index.get_level_values(0).isin(divided)].to_list())
    shared, everything = (gpd.GeoSeries(list(shapes)) for shapes in (blocks.shapes[divided], blocks.shapes))
    lines = Lines("geodata_units")
    for case, geometry, enclosures in (
        ("compounds in the blocks that they share", grounds, shared),
        ("single buildings in all blocks", given.buildings.geometry.set_crs(None, allow_override=True), everything),
    ):
        theirs, peer_seconds = timed(
            lambda geometry=geometry, enclosures=enclosures: momepy.enclosed_tessellation(
                geometry, gpd.GeoDataFrame(geometry=enclosures), segment=SEGMENT
            )
        )
        lines.say(
            case=case,
            buildings=len(given.buildings),
            units=len(units.shapes),
            seconds=round(seconds, 2),
            peer="momepy.enclosed_tessellation (all cores)",
            peer_cells=len(theirs),
            peer_seconds=round(peer_seconds, 2),
            ratio=round(peer_seconds / seconds, 2),
            bar=BAR,
            met=peer_seconds / seconds >= BAR,
        )


if __name__ == "__main__":
    main()
