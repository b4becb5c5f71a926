"""What libraries say again and again is logged seldom."""

import logging

from outreach.stream.quiet import Seldom


def said(text: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", logging.ERROR, __file__, 1, text, args, None)


def test_the_same_message_is_let_through_once_whatever_its_arguments() -> None:
    seldom = Seldom()
    assert [seldom.filter(said("no connection to %s", node)) for node in (1, 2)] == [True, False]


def test_another_message_is_let_through() -> None:
    seldom = Seldom()
    assert [seldom.filter(said(text)) for text in ("one", "another")] == [True, True]
