"""The schemas of the pod's databases: `pods` (resources) and `keys` (wrapped keys), numbered `.sql` files."""
