"""Our small ontology, `https://w3id.org/werkpod/cv#`: the file `cv.ttl` beside this one."""
