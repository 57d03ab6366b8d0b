"""The first spec of a lake: from raw data (`landing`) or from Glue Studio jobs (`studio`)."""
