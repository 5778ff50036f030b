"""Proofs to hand over: the verifier as one file, and everything about a dispute in another."""
