"""What a file is, by its first bytes: evidence is a picture or a PDF, whatever it is called."""

from shared.kernel.errors import Malformed

MEDIA = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/webp": (8, b"WEBP"),
    "image/heic": (4, b"ftypheic"),
    "application/pdf": (0, b"%PDF-"),
}


def sniffed(data: bytes) -> str:
    for media, (at, sign) in MEDIA.items():
        if data.startswith(sign, at):
            return media
    raise Malformed("evidence-unreadable", f"send one of {', '.join(MEDIA)}")
