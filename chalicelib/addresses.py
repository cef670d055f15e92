"""What becomes of addresses whose mail bounces or whose owners complain of it."""
