"""Imports: what other tools knew of people, carried over so that no no is lost."""
