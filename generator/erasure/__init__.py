"""A search for a person, as far as it is the same in folders (`run/erasure`) and on AWS (`deploy/erasure`).

person      somebody as the command line names them
known       the person: their keys, and the other keys that rows of theirs tell
text        their keys as they may stand in text
made_of     versions whose rows tell nobody, and that were made of rows of theirs
finding     what comes out
certificate the same as JSON: the certificate, once nothing is found
"""
