"""The ground floor: what every part needs to speak HTTP and show a page, and that knows nothing of pods or consent.

`errors` problem details, `ids` identifiers, `pages` templates and languages, `forms` same-origin forms,
`headers` security headers, `static` files, `client` the one guarded client for what strangers name.
"""
