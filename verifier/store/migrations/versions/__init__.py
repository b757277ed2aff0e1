"""One file for each step of the schema; its number is its revision."""
