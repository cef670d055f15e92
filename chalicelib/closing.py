"""Reminds requesters of solutions they have not checked, and closes what they leave alone."""
