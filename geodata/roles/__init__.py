"""The roles a source can have: for each, what a recipe may say of it and how its files become our columns."""
