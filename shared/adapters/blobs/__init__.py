"""Files by the hash of what is in them: in a folder, or in S3-compatible storage (`blobs.s3`)."""

from shared.adapters.blobs.folder import FolderBlobs

__all__ = ["FolderBlobs"]
