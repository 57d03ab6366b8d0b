"""Where a person still is, in all files of the landing folder and of the lake folder.

known       the person: their keys, and the other keys that rows of theirs tell
text        their keys as they may stand in text
rows        rows of Parquet files: those that are theirs, and those that mention them
published   versions of tables, sources and quarantines
landing     landing files
folder      whatever else lies in the lake folder
search      all of it, in order
finding     what comes out
certificate the same as JSON: the certificate, once nothing is found
"""
