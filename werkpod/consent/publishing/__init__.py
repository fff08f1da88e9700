"""Documents that the server writes in a pod, under `consent/`: what was given to whom, and the receipts of it."""

from werkpod.consent.publishing.publications import SECONDS, Publications, Render

__all__ = ["SECONDS", "Publications", "Render"]
