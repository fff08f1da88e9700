"""CompetentNL, the Dutch standard of occupations and skills: from its service with an organisation's key, or from an
export in RDF. `import_from_files` and `import_from_service` write a pack."""

from werkpod.vocab.competentnl.importer import import_from_files, import_from_service

__all__ = ["import_from_files", "import_from_service"]
