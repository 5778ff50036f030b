"""The preference centre: one page on which a person sees and changes everything she chose."""
