"""Raw data to a first spec: which files are a source, what is in them, whose data it is, and a draft that says so."""
