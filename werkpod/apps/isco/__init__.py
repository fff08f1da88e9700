"""ISCO: the titles and the tree of ISCO-08."""
