"""A synthetic city of the client's size and shape, from a seed: sources as a city would hand them over."""

from geodata.demo.city import DemoCity, make_city
from geodata.demo.figures import figures
from geodata.demo.write import write_sources

__all__ = ["DemoCity", "figures", "make_city", "write_sources"]
