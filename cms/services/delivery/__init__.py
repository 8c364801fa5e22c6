"""What the public reads: rows of `publications`, put into the words of the API.

Everything here runs on plain driver rows and dictionaries; no ORM, no schema.
"""
