"""The schema of the conformance tests of database engines."""
