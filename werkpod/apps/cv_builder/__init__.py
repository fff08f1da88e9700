"""CV-bouwer: make a CV step by step. Work experience in, a CV of occupations and competences out."""

from werkpod.apps.cv_builder.card import CARD
from werkpod.apps.cv_builder.pages import routes

__all__ = ["CARD", "routes"]
