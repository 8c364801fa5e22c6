"""How much a step of upkeep does in one transaction."""

# Rows; few enough that nobody waits long for them.
BATCH = 100
