"""Profielverbeteraar: competences to learn in, instruments that develop them out."""
