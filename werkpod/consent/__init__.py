"""Who may see what: accounts, OAuth, grants, links, the access log, and the citizen's pages for all of it."""
