"""Invented people: enough first and last names for each customer of a cohort to have a pair of their own."""

FIRST = (
    "Alba", "Anselm", "Aurel", "Beatrix", "Bertil", "Bruna", "Casimir", "Celia", "Cosima", "Dario",
    "Delphine", "Edda", "Elio", "Enora", "Fabia", "Florin", "Greta", "Gustav", "Hedwig", "Ilse",
    "Ines", "Jorun", "Kasper", "Leonie", "Linus", "Livia", "Magnus", "Marit", "Nerea", "Odile",
    "Oskar", "Petra", "Quirin", "Romy", "Saskia", "Silvan", "Tilda", "Ulrike", "Viggo", "Wanda",
)  # fmt: skip

LAST = (
    "Alderwick", "Birchmoor", "Bramblett", "Cloverfen", "Copperfold", "Dunmarrow", "Elmsgate", "Fernhollow",
    "Flintwater", "Foxmere", "Gorsewell", "Greywillow", "Harebell", "Hazelcroft", "Ivybridge", "Kestrelby",
    "Larkspire", "Lindenau", "Marlstone", "Mossgrove", "Nettleship", "Oakhanger", "Peatridge", "Quillfeather",
    "Rowanhurst", "Sedgewater", "Sorrelby", "Thistledown", "Underhazel", "Wrenfield",
)  # fmt: skip

DOMAINS = ("example.com", "example.org", "example.net")
"""Reserved for documentation: nobody can receive mail there."""
