"""The newest migration. Two branches that both add one conflict here, in git, not in production."""

HEAD = "0030"
