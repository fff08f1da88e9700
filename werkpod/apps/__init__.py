"""The services and their pages. Each is a party of its own; data of a person comes over HTTP with a token, only."""
