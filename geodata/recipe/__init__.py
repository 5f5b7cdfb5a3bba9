"""RECIPE.toml: what a city is made from."""
