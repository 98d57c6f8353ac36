import hashlib
from urllib.parse import urlsplit

import pytest

from acuse_simulator.process import SimulatorProcess

from .graph_client import PDF, Graph


def test_an_uploaded_file_can_be_read_and_downloaded(graph: Graph) -> None:
    media = graph.media()
    described = graph.get(media).json
    assert described["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert described["file_size"] == str(len(PDF))
    assert described["mime_type"] == "application/pdf"
    address = urlsplit(described["url"])
    downloaded = graph.call("GET", f"{address.path}?{address.query}")
    assert downloaded.body == PDF
    assert downloaded.headers["content-type"] == "application/pdf"


def test_a_download_needs_the_token_and_an_address_that_was_given(graph: Graph, meta: SimulatorProcess) -> None:
    address = urlsplit(graph.get(graph.media()).json["url"])
    assert Graph(meta.url, None).call("GET", f"{address.path}?{address.query}").error["code"] == 104
    assert graph.call("GET", f"{address.path}?{address.query}0").status == 400
    assert graph.call("GET", f"{address.path}?mid=1&ext=x").status == 400


def test_the_same_bytes_twice_get_two_ids(graph: Graph) -> None:
    assert graph.media() != graph.media()


def test_the_ledger_notes_each_upload(graph: Graph, meta: SimulatorProcess) -> None:
    media = graph.media(filename="Factura A.pdf")
    (upload,) = meta.ledger()["uploads"]
    assert upload["id"] == media
    assert upload["size"] == len(PDF)
    assert upload["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert upload["filename"] == "Factura A.pdf"
    assert not upload["broken"]


def test_a_deleted_file_is_gone(graph: Graph) -> None:
    media = graph.media()
    assert graph.delete(media).json == {"success": True}
    gone = graph.get(media)
    assert (gone.status, gone.error["code"], gone.error["error_subcode"]) == (400, 100, 33)


def test_a_file_of_another_number_is_not_shown_when_ownership_is_asked(graph: Graph) -> None:
    media = graph.media()
    assert graph.get(f"{media}?phone_number_id=1").error["error_subcode"] == 33
    assert graph.get(f"{media}?phone_number_id=106540352242922").status == 200


def test_a_type_that_the_platform_does_not_take_is_refused(graph: Graph, meta: SimulatorProcess) -> None:
    refused = graph.upload(mime_type="application/x-msdownload")
    assert (refused.status, refused.error["code"]) == (400, 100)
    assert "application/x-msdownload" in refused.error["message"]
    assert meta.ledger()["uploads"] == []


def test_an_upload_needs_the_product_and_a_file(graph: Graph) -> None:
    assert graph.upload(product="").error["code"] == 100
    assert graph.post("106540352242922/media", {"messaging_product": "whatsapp"}).error["code"] == 100


def test_bytes_that_are_not_a_pdf_are_taken_and_marked(graph: Graph, meta: SimulatorProcess) -> None:
    assert graph.upload(b"<html>not a pdf</html>").status == 200
    assert meta.ledger()["uploads"][0]["broken"]


@pytest.mark.parametrize("number", ["1", "999999999999999"])
def test_an_unknown_number_takes_no_files(graph: Graph, number: str) -> None:
    refused = graph.upload(number=number)
    assert (refused.error["code"], refused.error["error_subcode"]) == (100, 33)
    assert refused.error["type"] == "GraphMethodException"
