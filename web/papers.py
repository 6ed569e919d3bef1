"""Documents on their way to a reader: as a page that prints well, and as a PDF."""

from collections.abc import Mapping

from flask import Response, make_response, request, url_for

from shop.documents.paper import Paper
from shop.documents.pdf import can_be_made, pdf_of
from web.i18n import OWN_NAMES
from web.pages import page


def document_page(paper: Paper, *, pdf: str, back: str, ways: Mapping[str, str] | None = None) -> Response:
    """Show a document with its ways: to the file at ``pdf``, to other languages and other documents, and back."""
    args = {**(request.view_args or {}), **request.args.to_dict()}
    others = {code: url_for(request.endpoint or "", **{**args, "lang": code}) for code in OWN_NAMES}
    return page(
        "shared/document.html", slip=paper, style="document.css", back=back, others=others, ways=ways or {},
        pdf=pdf if can_be_made(paper.language) else "",
    )  # fmt: skip


def as_pdf(paper: Paper) -> Response:
    """Send a document as a file that opens in the browser. Raises `NoFont` and `NotDrawn`."""
    response = make_response(pdf_of(paper))
    response.mimetype = "application/pdf"
    response.headers["Cache-Control"] = "no-store"
    response.headers.set("Content-Disposition", "inline", filename=paper.file_name)
    return response
