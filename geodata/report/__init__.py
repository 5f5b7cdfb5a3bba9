"""The data report of an import, as values and as a page."""
