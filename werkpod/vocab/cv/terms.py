"""The IRIs that a CV is written in: schema.org where it has the term, our own small ontology for what it has not.

schema.org is written with `http://`, the form of its JSON-LD context and of the Solid apps that use it.
"""

from __future__ import annotations

WP = "https://w3id.org/werkpod/cv#"
SCHEMA = "http://schema.org/"
FOAF = "http://xmlns.com/foaf/0.1/"
DCTERMS = "http://purl.org/dc/terms/"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = RDF + "type"

PREFIXES = {"wp": WP, "schema": SCHEMA, "foaf": FOAF, "dcterms": DCTERMS, "xsd": XSD}
"""The prefixes of a section document; the document's own fragments get the empty prefix."""
