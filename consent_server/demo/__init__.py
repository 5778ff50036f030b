"""Two example organisations, their websites and their past, made through the same doors."""
