"""How an app wants the person asked: `prompt`, `max_age`, `id_token_hint` (OpenID Connect Core, 3.1.2.1 and 3.1.2.3).

`display`, `ui_locales`, `login_hint`, `acr_values` and `claims_locales` are taken and change nothing, as the
specification allows: there is one form of page, in the language that the person chose, and a name is typed by who has
it.
"""

from __future__ import annotations

from collections.abc import Mapping

from werkpod.consent.oauth.errors import InvalidRequest

PROMPTS = ("none", "login", "consent", "select_account")
_AGAIN = frozenset({"login", "select_account"})
"""Both lead to the sign-in page: a person is one account, whoever is there types their own name."""
_LONGEST_AGE = 10**9


def prompts_of(parameters: Mapping[str, str]) -> frozenset[str]:
    """The values of `prompt`."""
    return frozenset(parameters.get("prompt", "").split())


def check_prompts(parameters: Mapping[str, str]) -> None:
    """Make sure that `prompt` and `max_age` are what they can be. Raises InvalidRequest."""
    prompts = prompts_of(parameters)
    if prompts - set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequest(f"prompt must be none, or some of {', '.join(PROMPTS[1:])}.")
    age = parameters.get("max_age", "0")
    if not (age.isascii() and age.isdigit()) or len(age) > 10:
        raise InvalidRequest("max_age must be a whole number of seconds.")


def signed_in_since(parameters: Mapping[str, str], started: float, *, other: bool = False) -> float:
    """Since when the person must be signed in, for a request that began at `started`; 0 for any time.

    `other`: the request is about somebody else than who is signed in, by its id_token_hint.
    """
    since = started if other or prompts_of(parameters) & _AGAIN else 0.0
    if "max_age" in parameters:
        since = max(since, started - min(int(parameters["max_age"]), _LONGEST_AGE))
    return since
