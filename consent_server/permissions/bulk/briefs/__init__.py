"""Briefs: what a long list needs of each plain person, derived beside the facts and checked."""
