"""How a table is kept up to date: here, on local Spark and in the jobs.

What runs it finds the rows that changed in the inputs, the addresses that they reach, makes the rows there again, and
writes a version that shares files with the one before:

    program        what there is to run, as data
    differences    the rows that left or came in an input, from the files that only one of two versions has
    affected       the addresses that those reach, and their rows made again
    keeper         all of it, or why the table is made anew
    files          the files of the new version
    engine         what all that needs of an engine; `spark_engine` has it for Spark
    store          what it needs to know of the lake
    names          names of relations that only exist meanwhile
"""
