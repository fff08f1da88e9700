"""The vault: key hierarchy, sealing and opening, erasure."""

from werkpod.pod.vault.blobs import CategoryKey, SealedBlob
from werkpod.pod.vault.podvault import LEDGER, PodVault
from werkpod.pod.vault.root import FileRootKeys, RootKeys
from werkpod.pod.vault.vault import SERVER, Vault

__all__ = ["LEDGER", "SERVER", "CategoryKey", "FileRootKeys", "PodVault", "RootKeys", "SealedBlob", "Vault"]
