"""ESCO, the European classification of occupations and skills, from its official CSV download.

`import_esco(source, target)` reads a folder and writes a pack.
"""

from werkpod.vocab.esco.importer import import_esco

__all__ = ["import_esco"]
