"""Is this message fit to send? What mailbox providers and the law ask of a newsletter."""
