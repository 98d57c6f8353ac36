"""PDFs written by hand, for what no generator would make: thousands of pages, bombs, odd boxes, encryption."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
A4 = "0 0 595 842"


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


@dataclass
class RawPdf:
    """Objects by number; `bytes()` adds the table and the trailer. Object 1 is the catalogue."""

    objects: dict[int, tuple[str, bytes | None]] = field(default_factory=dict)
    #: The password that opens it, None: not encrypted; "": encrypted, but anybody opens it.
    password: str | None = None

    def add(self, dictionary: str, stream: bytes | None = None, number: int | None = None) -> int:
        number = number or max(self.objects, default=0) + 1
        self.objects[number] = (dictionary, stream)
        return number

    def __bytes__(self) -> bytes:
        key = self._encrypt() if self.password is not None else None
        out = bytearray(b"%PDF-1.4\n")
        offsets = {}
        for number, (dictionary, stream) in sorted(self.objects.items()):
            offsets[number] = len(out)
            out += f"{number} 0 obj\n".encode()
            if stream is None:
                out += dictionary.encode()
            else:
                if key is not None:
                    salt = number.to_bytes(3, "little") + b"\0\0"
                    stream = _rc4(hashlib.md5(key + salt).digest()[:10], stream)
                out += dictionary.replace("<<", f"<</Length {len(stream)}", 1).encode()
                out += b"\nstream\n" + stream + b"\nendstream"
            out += b"\nendobj\n"
        start, size = len(out), max(offsets) + 1
        out += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
        for number in range(1, size):
            out += f"{offsets[number]:010} 00000 n \n".encode()
        encrypt = f"/Encrypt {size - 1} 0 R/ID[<{'00' * 16}><{'00' * 16}>]" if key is not None else ""
        out += f"trailer\n<</Size {size}/Root 1 0 R{encrypt}>>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)

    def _encrypt(self) -> bytes:
        """Standard security handler, revision 2 (RC4, 40 bits). Answers the file's key."""
        assert self.password is not None
        user = (self.password.encode() + _PADDING)[:32]
        owner = (b"dueno" + _PADDING)[:32]
        owner_entry = _rc4(hashlib.md5(owner).digest()[:5], user)
        permissions = (-4).to_bytes(4, "little", signed=True)
        key = hashlib.md5(user + owner_entry + permissions + bytes(16)).digest()[:5]
        user_entry = _rc4(key, _PADDING)
        self.add(f"<</Filter/Standard/V 1/R 2/P -4/O<{owner_entry.hex()}>/U<{user_entry.hex()}>>>")
        return key


def paged(
    pages: int = 1,
    *,
    box: str = A4,
    images: dict[int, tuple[int, int, bytes]] | None = None,
    content: bytes | None = None,
    password: str | None = None,
) -> bytes:
    """Empty pages; `images` (page → width, height, gray bytes) are drawn 80 × 80 pt at the foot of their
    page; `content` is a deflated stream, the same on every page."""
    pdf = RawPdf(password=password)
    pdf.add("<</Type/Catalog/Pages 2 0 R>>")
    pdf.add("", number=2)
    kids = [3 + index for index in range(pages)]
    for number in kids:
        pdf.add(f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]>>", number=number)
    pdf.objects[2] = (f"<</Type/Pages/Count {pages}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>", None)
    for index, (width, height, gray) in (images or {}).items():
        image = pdf.add(
            f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray"
            "/BitsPerComponent 8/Filter/FlateDecode>>",
            zlib.compress(gray),
        )
        drawing = pdf.add("<<>>", b"q 80 0 0 80 20 55 cm /QR Do Q")
        pdf.objects[kids[index]] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {drawing} 0 R"
            f"/Resources<</XObject<</QR {image} 0 R>>>>>>",
            None,
        )
    if content is not None:
        number = pdf.add("<</Filter/FlateDecode>>", content)
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {number} 0 R/Resources<<>>>>"
        pdf.objects |= dict.fromkeys(kids, (page, None))
    return bytes(pdf)


def deflated(block: bytes, times: int) -> bytes:
    """A deflate stream of the block repeated, made by repeating its compressed form: gigabytes in milliseconds.

    Its checksum is that of nothing; readers reach it only after having inflated everything.
    """
    compressor = zlib.compressobj(9)
    head = compressor.compress(b"") + compressor.flush(zlib.Z_FULL_FLUSH)
    body = compressor.compress(block) + compressor.flush(zlib.Z_FULL_FLUSH)
    return head + body * times + compressor.flush()
