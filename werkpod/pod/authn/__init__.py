"""Who is asking: access tokens (RFC 9068, Solid-OIDC) bound to a key by DPoP (RFC 9449)."""
