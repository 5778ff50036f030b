"""How fast lookups and decisions are: ratios, measured in one run (`make bench`)."""
