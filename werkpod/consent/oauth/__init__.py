"""The authorization server: authorization code, refresh, client credentials and share links, on Authlib's carrier.

Spec-heavy code sits in modules named for what they do, the RFC in their docstring. What others use:
`flow.Authorization` (begin, pending, approve, refuse), `question.AuthorizationRequest` (what the consent page shows and
an answer is held against), `details.AccessRequest` (what is asked), `credentials.Credentials`, `routes.oauth_routes`,
`keys.SigningKeys`, `clients.Clients`, `store.TokenStore`.
"""
