"""What the checks of comments look for. Pure: nothing here asks the database."""
