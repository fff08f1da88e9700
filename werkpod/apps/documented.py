"""An API as it is put on the site: its endpoints, its OpenAPI document, and that document as a page to read."""

from __future__ import annotations

from starlette.routing import BaseRoute

from werkpod.apps.jsonapi import Api
from werkpod.apps.openapi import document
from werkpod.web.apidocs import ApiDocs
from werkpod.web.pages import Pages


def serve(api: Api, *, base_url: str, pages: Pages | None, app_slug: str, app_name: str) -> list[BaseRoute]:
    """The routes of an API. The page, at `docs`, is there with `pages`, in the name and colour of its app
    (`/apps/{app_slug}/`)."""

    def made() -> bytes:
        return document(api, base_url)

    found = api.routes(made)
    if pages is not None:
        page = ApiDocs(made, pages, place=f"{api.root}/docs", app_slug=app_slug, app_name=app_name)
        found = [page.route(), *found]
    return found
