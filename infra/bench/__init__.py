"""Measures what a page costs: processor time, round trips and DynamoDB units, at two sizes of the desk."""
