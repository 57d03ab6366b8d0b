"""Where a person still is, in all files of the landing folder and of the lake folder.

rows        rows of Parquet files: those that are theirs, and those that mention them
published   versions of tables, sources and quarantines
files       files as bytes
landing     landing files
folder      whatever else lies in the lake folder
search      all of it, in order

What is known of the person, what comes out, and the certificate: `generator/erasure`.
"""
