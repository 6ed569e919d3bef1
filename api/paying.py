"""Where providers tell that somebody has paid. What they say is only a reason to ask them."""

from typing import Any

import structlog
from flask import Response, g, request
from sqlalchemy.orm import Session

from shop.core.errors import Missing
from shop.payments.contract import BadNotice, Provider
from shop.payments.notices import NotBelieved, noticed
from web.house import house, keys, now, this_shop

log = structlog.get_logger()


def provider_of(method: str) -> Provider:
    """Return the provider of a method; raises `Missing` where this shop has no account with one."""
    provider = house().providers.get(method)
    if provider is None:
        raise Missing()
    return provider


def genuine(method: str) -> Any:
    """Check the signature and all it covers, ahead of the transaction; raises `NotBelieved`."""
    try:
        return provider_of(method).notice(request.headers, request.get_data(), now())
    except BadNotice as trouble:
        log.warning("notice_refused", method=method, reason=trouble.reason)
        raise NotBelieved(trouble.reason) from trouble


def notify(tx: Session, method: str) -> dict[str, Any]:
    """Keep a notify; the payment is asked about at once."""
    try:
        return {"new": noticed(tx, keys(), this_shop(), method, g.before, request.get_data(), at=now())}
    except NotBelieved as trouble:
        log.warning("notice_refused", method=method, reason=trouble.reason)
        raise


def thanks(made: dict[str, Any], method: str) -> Response:
    """Tell the provider, after the commit, that its notify has arrived."""
    status, kind, body = provider_of(method).thanks()
    return Response(body, status, content_type=kind)
