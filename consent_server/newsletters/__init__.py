"""Leaving a list: the link, its page, its one click."""
