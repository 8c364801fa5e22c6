"""Pure readers: a file in, records out. What they yield is saved elsewhere."""
