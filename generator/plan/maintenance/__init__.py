"""How tables are kept up to date: by what changed in their inputs, or made anew, and why.

readings     the query over what is stored, each place that takes an input's rows by a name of its own
addresses    the output columns that tell of which rows a row was made, or where they are lost
loose        first steps of a query, as far as they decide on addresses
delta        the queries that find what is affected and make it again
verdict      all that in words and places
"""
