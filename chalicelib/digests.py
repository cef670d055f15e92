"""One mail a day in place of many, for people who want it so."""
