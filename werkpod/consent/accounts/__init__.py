"""Accounts: sign-up, sign-in, sessions, recovery."""

from werkpod.consent.accounts.accounts import Accounts
from werkpod.consent.accounts.limits import Limiter
from werkpod.consent.accounts.model import ROLES, Account, Role
from werkpod.consent.accounts.sessions import Sessions
from werkpod.consent.accounts.viewer import ViewerMiddleware

__all__ = ["ROLES", "Account", "Accounts", "Limiter", "Role", "Sessions", "ViewerMiddleware"]
