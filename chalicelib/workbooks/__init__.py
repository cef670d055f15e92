"""Tables as people keep them: what comes in as .xlsx or .csv."""
