"""Ten million people at once: a question in, the answer out in its order, and a clearance."""
