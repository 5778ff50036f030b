"""A banner shown again as it was: kept at publication, with images of it (CNIL-11)."""
