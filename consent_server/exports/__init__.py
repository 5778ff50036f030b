"""Exports: decisions, facts and events as files, for whoever they belong to."""
