"""Speed, measured from outside: a real server process, real HTTP on loopback, real tokens and proofs.

`make bench` prints a table. Proofs are signed before the timed part, so that the client's own work is not measured.
Figures of one run on one machine say how scenarios relate; server CPU a request is the steadiest of them.
"""
