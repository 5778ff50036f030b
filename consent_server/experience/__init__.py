"""What a visitor is shown: the banner of a site, whole and cacheable."""
