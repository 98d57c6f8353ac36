"""The child process that opens PDFs nobody vouches for. It imports no Django and knows no secret.

Speaks length-prefixed JSON (4 bytes, big endian) over its standard streams. Each request `{"id", "path", "seconds"}` is
answered by several messages, so that what is known survives the child's death: `{"pages", "encrypted"}`,
`{"searched", "qr", "problem"}`, `{"text"}`; or by `{"error": code}`. The last is `{"done": true, "tired"}`, or
`{"fatal"}` and the end of the process. Every message carries the `id` of its request.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image

from acuse.vouchers import qr

#: Address space. Measured: usual vouchers take 70 MB, 10,000 pages 90 MB, a file of 95 MB 180 MB.
MEMORY = 1 << 30
#: A process that once held this much is replaced.
TIRED_MEMORY = 300 << 20
PAGES_SEARCHED = 20
IMAGES_A_PAGE = 30
IMAGE_PIXELS = 25_000_000
#: A4 at 300 dpi is 8.7 million; larger pages are drawn with less resolution.
PAGE_PIXELS = 18_000_000
#: The time limit is the parent's; a child whose parent died must still end.
GRACE_SECONDS = 1.0
DPI = (200, 300)
#: The other formats cost twice the time and are never ARCA's.
QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
BORDER = 20
#: Images with a shorter side than this are drawn three times as large.
SMALL_IMAGE = 250
TEXT_CHARACTERS = 20_000

Message = dict[str, Any]


def write_message(stream: BinaryIO, message: Message) -> None:
    body = json.dumps(message).encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def read_message(stream: BinaryIO) -> Message | None:
    """None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    body = stream.read(length)
    if len(body) < length:
        return None
    message: Message = json.loads(body)
    return message


def answer(path: Path) -> Iterator[Message]:
    """What can be told of one file, as it becomes known."""
    try:
        document = pypdfium2.PdfDocument(path.read_bytes())
    except OSError:
        yield {"error": "unreadable"}
        return
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD
        yield {"error": "encrypted" if locked else "corrupt"}
        return
    try:
        pages = len(document)
        if pages == 0:
            yield {"error": "corrupt"}
            return
        yield {"pages": pages, "encrypted": pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0}
        yield search(document)
        yield {"text": text_of_first_page(document)}
    finally:
        document.close()


def search(document: pypdfium2.PdfDocument) -> Message:
    """The ARCA QR of the first page that has one. QRs of two vouchers are a file of several: nothing is guessed."""
    order = pages_to_search(len(document))
    for position, index in enumerate(order):
        texts = _texts_of_page(document, index, DPI)
        if texts and position == 0 and len(order) > 1:
            texts |= _texts_of_page(document, order[1], DPI[:1])
        if len(texts) > 1:
            return {"searched": True, "problem": "qr_ambiguous"}
        if texts:
            return {"searched": True, "qr": next(iter(texts.values()))}
    return {"searched": True}


def pages_to_search(pages: int) -> list[int]:
    """First, last, then the others in order, at most PAGES_SEARCHED."""
    ordered = dict.fromkeys([0, pages - 1, *range(1, min(pages - 1, PAGES_SEARCHED))])
    return list(ordered)[:PAGES_SEARCHED]


def _texts_of_page(document: pypdfium2.PdfDocument, index: int, resolutions: Iterable[int]) -> dict[object, str]:
    """ARCA texts by the voucher that they name: copies of one voucher count once."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        # One damaged page among many says nothing of the others.
        return {}
    try:
        for image in _candidates(page, resolutions):
            texts = _arca_texts(image)
            if texts:
                return texts
        return {}
    finally:
        page.close()


def _candidates(page: pypdfium2.PdfPage, resolutions: Iterable[int]) -> Iterator[Image.Image]:
    yield from _embedded_images(page)
    for dpi in resolutions:
        yield render(page, dpi)


def _arca_texts(image: Image.Image) -> dict[object, str]:
    found: dict[object, str] = {}
    for barcode in zxingcpp.read_barcodes(image, formats=QR_ONLY):
        reading = qr.read(barcode.text)
        if reading is not None:
            names = ("cuit", "tipoCmp", "ptoVta", "nroCmp")
            found.setdefault(tuple(str(reading.fields.get(name)) for name in names), storable(barcode.text))
    return found


def _embedded_images(page: pypdfium2.PdfPage) -> Iterator[Image.Image]:
    objects = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=5)
    for _, item in zip(range(IMAGES_A_PAGE), objects, strict=False):
        try:
            width, height = item.get_px_size()
            if not 0 < width * height <= IMAGE_PIXELS:
                continue
            picture = item.get_bitmap().to_pil().convert("L")
        except pypdfium2.PdfiumError:
            # Not every image can be taken out of its page; drawing the page comes next.
            continue
        yield framed(picture)


def framed(picture: Image.Image) -> Image.Image:
    """With the quiet zone that ARCA's own image lacks, and large enough to be read."""
    if min(picture.size) < SMALL_IMAGE and max(picture.size) < 4 * SMALL_IMAGE:
        picture = picture.resize((picture.width * 3, picture.height * 3), Image.Resampling.NEAREST)
    frame = Image.new("L", (picture.width + 2 * BORDER, picture.height + 2 * BORDER), 255)
    frame.paste(picture, (BORDER, BORDER))
    return frame


def render(page: pypdfium2.PdfPage, dpi: int) -> Image.Image:
    scale = dpi / 72
    width, height = (max(side, 1.0) for side in page.get_size())
    scale = min(scale, (PAGE_PIXELS / (width * height)) ** 0.5, 30_000 / max(width, height))
    picture: Image.Image = page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil()
    return picture.convert("L")


def text_of_first_page(document: pypdfium2.PdfDocument) -> str:
    try:
        page = document[0]
    except pypdfium2.PdfiumError:
        return ""
    text_page = page.get_textpage()
    try:
        characters = min(text_page.count_chars(), TEXT_CHARACTERS)
        return storable(text_page.get_text_range(0, characters)) if characters > 0 else ""
    finally:
        text_page.close()
        page.close()


def storable(text: str) -> str:
    """Without what PostgreSQL refuses: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _limit_resources() -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # A dump of this process would leave a customer's invoice on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _tired() -> bool:
    """Whether a large file left its mark: memory that the next one would lack."""
    if sys.platform == "win32":
        return False
    return _resident() > TIRED_MEMORY


def _resident() -> int:
    """Bytes in memory now. Linux hands a parent's greatest size down to its child, so that can't be asked there."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * os.sysconf("SC_PAGE_SIZE")


def _alarm(seconds: float) -> None:
    # Its default action ends the process even inside native code, which no Python handler would.
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    write_message(sink, {"ready": True})
    while (request := read_message(source)) is not None:
        _alarm(request["seconds"] + GRACE_SECONDS)
        try:
            for message in answer(Path(request["path"])):
                write_message(sink, message | {"id": request["id"]})
            write_message(sink, {"done": True, "tired": _tired(), "id": request["id"]})
        except MemoryError:
            # What is left of this process can't be trusted: the parent starts another one.
            write_message(sink, {"fatal": "memory", "id": request["id"]})
            return
        except Exception:
            detail = traceback.format_exc(limit=-5)
            write_message(sink, {"fatal": "crash", "detail": detail, "id": request["id"]})
            return
        _alarm(0)


def main() -> None:
    _limit_resources()
    # Ctrl-C and a service's stop reach every process, while the parent still finishes its work: the end of standard
    # input is what ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # A library that prints must not be taken for an answer.
    sink = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
