"""A large base to measure with: made people, recorded as fast as a database takes rows."""
