"""May we? One answer with its reason: single, bulk, as of a past date."""
