"""Where it is kept: the Solid Protocol, the access decision, encryption, storage engines."""
