"""Instrumentengids: what helps people to work and develop, from Dennis and Eva guides, also as PDC."""
