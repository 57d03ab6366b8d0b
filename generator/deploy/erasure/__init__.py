"""Where a person still is in a deployed lake: Athena is asked, so that no row comes here but their own keys.

sql         what is theirs, in Athena's SQL
places      every snapshot of every table, and how long it stays
asking      queries of several places at once, and what can't be asked
landing     landing files: through the raw tables, and by what sources and quarantines say of them
search      all of it, in order

What is known of the person, what was made of their rows, and what comes out: `generator/erasure`.
"""
