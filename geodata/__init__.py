"""The city as data: read it, spread people over buildings, measure walks, cut units."""
