"""The numbered migrations of consent.db."""
