"""Sandboxes: an organisation's double for trying things out, in a log of its own."""
