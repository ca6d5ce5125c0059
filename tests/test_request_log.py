"""The line that a request leaves in the log."""

import logging
import time

import pytest
import structlog

from schema import requests


@pytest.mark.parametrize(("level", "lines"), [(logging.INFO, 1), (logging.WARNING, 0)])
def test_a_request_is_logged_as_information_with_its_milliseconds(
    monkeypatch: pytest.MonkeyPatch, level: int, lines: int
) -> None:
    written = structlog.testing.CapturingLogger()
    wrapper = structlog.make_filtering_bound_logger(level)
    logger = structlog.wrap_logger(written, processors=[], wrapper_class=wrapper)
    monkeypatch.setattr(requests, "_log", logger)

    requests.log_request("POST", "/graphql", 200, time.perf_counter() - 1.5, "id")

    assert len(written.calls) == lines
    for call in written.calls:
        assert call.kwargs.pop("ms") >= 1500
        assert call.kwargs == {
            "event": "request",
            "kind": "POST",
            "path": "/graphql",
            "status": 200,
            "request_id": "id",
        }
