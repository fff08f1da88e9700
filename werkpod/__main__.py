"""`python -m werkpod` is the command `werkpod`."""

from werkpod.cli import main

main()
