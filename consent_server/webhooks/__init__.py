"""Telling others: events signed and posted to a receiver's own address, until it has them."""
