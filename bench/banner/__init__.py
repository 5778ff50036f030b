"""Our banner beside the others', on the same page in a real Chromium (`make bench-banner`)."""
