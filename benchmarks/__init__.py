"""What reading costs, beside the least that the same server can do. `make bench` runs it."""
