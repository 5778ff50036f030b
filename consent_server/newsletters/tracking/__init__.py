"""Opens and clicks, for whoever has allowed them to be counted, as long as she allows it."""
