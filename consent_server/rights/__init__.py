"""What people may ask of those who keep their data; erasing, across all rooms."""
