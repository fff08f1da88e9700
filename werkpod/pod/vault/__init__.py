"""The vault: key hierarchy, sealing and opening, erasure."""

from werkpod.pod.vault.blobs import CategoryKey, SealedBlob
from werkpod.pod.vault.podvault import LEDGER, PodVault
from werkpod.pod.vault.root import FileRootKeys, RootKeys
from werkpod.pod.vault.streams import PART_BYTES, SealedStream, StreamOpener, StreamSealer
from werkpod.pod.vault.vault import SERVER, Vault

__all__ = [
    "LEDGER",
    "PART_BYTES",
    "SERVER",
    "CategoryKey",
    "FileRootKeys",
    "PodVault",
    "RootKeys",
    "SealedBlob",
    "SealedStream",
    "StreamOpener",
    "StreamSealer",
    "Vault",
]
