"""Lists as others would join them: two bare files, each program in its own process."""
