"""Records what people agreed to, in the words they were shown, and can prove it."""
