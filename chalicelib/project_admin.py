"""The verbs of administrators on projects and who is in them."""
