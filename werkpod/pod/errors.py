"""Errors of the pod: storage, keys, access and protocol.

WerkpodError
 |- IntegrityError    500  what was read is not what was sealed; nothing is handed out
 |- RootKeyRefused    500  the root key file is missing, damaged or open to others; nothing starts
 |- SchemaRefused     500  the database was made by a newer Werkpod, or a migration failed
 |- OverQuota         507  the pod has no room for this
 |- Unavailable
 |   |- StoreFailure  503  the database did not carry it out; nothing was written
 |   |   `- Replaced  503  a large body was replaced while it was read
 |   |- Fenced       503  somebody may do less since the write was decided on, time and again; nothing was written
 |   `- PodUnavailable 503 the pod's keys cannot be had: erased, unknown or another root key
 |- NotFound
 |   `- OtherSlash     301  it is at the same address with, or without, the slash at its end
 |- Conflict
 |   |- PodExists     409  there are keys for this pod already
 |   |- SlugTaken     409  the name is in use, or was once
 |   |- NotEmpty      409  a container with something in it is not deleted
 |   |- SlashConflict 409  the same address with, or without, the slash at the end exists
 |   |- NoSubject     409  an ACL or description for a resource that does not exist
 |   `- ContainerBody 409  a container has no body of its own
 |- PreconditionFailed
 |   `- VersionConflict 412  another version is stored than was expected
 `- Unprocessable
     `- SlugRefused   422  not a usable name for a pod
"""

from __future__ import annotations

from werkpod.web.errors import Conflict, NotFound, PreconditionFailed, Unavailable, Unprocessable, WerkpodError


class IntegrityError(WerkpodError):
    """What was read is not what was sealed: swapped, relabelled, rolled back or damaged. Fail closed."""

    status, code, title = 500, "integrity", "What is stored is not what was written"


class RootKeyRefused(WerkpodError):
    """The root key file is missing, damaged or can be read by others. Nothing starts without it."""

    status, code, title = 500, "root_key_refused", "The root key file cannot be used"


class SchemaRefused(WerkpodError):
    """The database has a schema that this Werkpod does not know, or a migration did not succeed."""

    status, code, title = 500, "schema_refused", "The database cannot be used by this version"


class OverQuota(WerkpodError):
    """The pod has no room for this (RFC 4918, 11.5). Members `used` and `allowed` in bytes, for who may know."""

    status, code, title = 507, "over_quota", "This pod is full"


class StoreFailure(Unavailable):
    """The database did not carry out the unit; nothing of it was written."""

    code, title = "store_failure", "The database does not answer"


class Replaced(StoreFailure):
    """A large body was replaced while it was read; what was read of it is not the whole."""

    code, title = "replaced", "It was replaced while it was read"


class Fenced(Unavailable):
    """Somebody may do less in this pod since it was decided that this may be written; it is to be decided anew."""

    code, title = "fenced", "What may be written here was changed at this moment"


class PodUnavailable(Unavailable):
    """The keys of this pod cannot be had: it was erased, never existed, or the root key is another one."""

    code, title = "pod_unavailable", "This pod cannot be opened"


class PodExists(Conflict):
    """There are keys for this pod already."""

    code, title = "pod_exists", "This pod exists already"


class SlugTaken(Conflict):
    """The name of the pod is in use, or belonged to a pod that was erased: a WebID is never given out twice."""

    code, title = "slug_taken", "This name is taken"


class NotEmpty(Conflict):
    """A container with something in it is not deleted (Solid Protocol, section 5.4)."""

    code, title = "not_empty", "The container is not empty"


class SlashConflict(Conflict):
    """The address exists with, or without, the slash at its end (Solid Protocol, section 3.1)."""

    code, title = "slash_conflict", "This address exists with another ending"


class OtherSlash(NotFound):
    """There is nothing here; it is at the address with, or without, the slash at its end (Solid Protocol, 3.1)."""

    status, code, title = 301, "other_slash", "This is at another address"

    def __init__(self, detail: str, *, to: str) -> None:
        super().__init__(detail, headers={"Location": to})


class NoSubject(Conflict):
    """An auxiliary resource lives and dies with its subject (Solid Protocol, section 4.3); there is none."""

    code, title = "no_subject", "There is nothing here that this could belong to"


class ContainerBody(Conflict):
    """A container has no body of its own; its description is its `.meta`."""

    code, title = "container_body", "A container has no body"


class VersionConflict(PreconditionFailed):
    """Another version is stored than was expected; nothing was written."""

    code, title = "version_conflict", "It was changed in the meantime"


class SlugRefused(Unprocessable):
    """Not a usable name for a pod."""

    code, title = "slug_refused", "This name cannot be used"
