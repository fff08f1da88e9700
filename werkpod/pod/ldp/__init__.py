"""Resources and containers as the Solid Protocol and LDP have them: RDF, patches, conditions, headers."""
