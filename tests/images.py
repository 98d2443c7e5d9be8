"""Pictures that tests upload, good and hostile, made on the spot."""

import io
import struct
import zlib

from PIL import Image

GPS = 0x8825
SIDEWAYS = 6


def image(size=(800, 400), kind="PNG", colour="red", mode="RGB", **options) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def halves(size=(800, 400), kind="PNG", **options) -> bytes:
    """Red on the left, blue on the right."""
    drawn = Image.new("RGB", size, "red")
    drawn.paste("blue", (size[0] // 2, 0, *size))
    written = io.BytesIO()
    drawn.save(written, kind, **options)
    return written.getvalue()


def moving(kind="WEBP") -> bytes:
    """A first picture in red, a second one in blue."""
    frames = [Image.new("RGB", (800, 400), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=100)
    return written.getvalue()


def photo_from_home(**options) -> bytes:
    """A JPEG that says where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    exif[0x010E] = "at home"
    exif.get_ifd(GPS)[1] = "N"
    return halves(kind="JPEG", exif=exif, quality=95, **options)


def bomb(width=50_000, height=50_000) -> bytes:
    """A PNG of a few bytes that says that it is as large as this."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data) for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b""))
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
