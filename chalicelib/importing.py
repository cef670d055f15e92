"""Brings people and memberships in from a table: every row's outcome is known before anything is written."""
