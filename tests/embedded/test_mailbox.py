"""What the catcher keeps."""

from email.message import EmailMessage

from deploy.embedded.catcher.mailbox import Mailbox
from deploy.embedded.catcher.reading import read


def mail(message_id: str = "<one@northwind.example>", subject: str = "Größe", text: str = "Hello") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = "care@northwind.example", "ada@mail.example", subject, message_id
    message.set_content(f"{text}\nhttp://127.0.0.1/s/abc.\n")
    message.add_alternative('<p><a href="http://127.0.0.1/s/abc?score=4">Good</a> <a href="mailto:x@y.example">write</a></p>', subtype="html")
    return message.as_bytes()


def test_a_mail_that_comes_twice_is_kept_twice_and_counted() -> None:
    box = Mailbox()
    box.put(mail(), ["ada@mail.example"], 1.0)
    box.put(mail(), ["ada@mail.example"], 2.0)
    assert box.deliveries == {"<one@northwind.example>": 2}
    assert [kept.arrived for kept in box.after(0, 10)] == [1.0, 2.0]


def test_reading_on_begins_after_the_last_mail_that_was_read() -> None:
    box = Mailbox()
    for number in range(5):
        box.put(mail(f"<{number}@n>"), ["ada@mail.example"], 0)
    assert [kept.message_id for kept in box.after(3, 10)] == ["<3@n>", "<4@n>"]
    assert [kept.number for kept in box.after(0, 2)] == [1, 2]


def test_the_newest_mails_come_first_and_every_word_must_be_found() -> None:
    box = Mailbox()
    box.put(mail("<1@n>", "A parcel for you"), ["ada@mail.example"], 0)
    box.put(mail("<2@n>", "A parcel is late"), ["bob@mail.example"], 0)
    assert [kept.number for kept in box.newest("", 0, 10)] == [2, 1]
    assert [kept.number for kept in box.newest("LATE bob", 0, 10)] == [2]
    assert [kept.number for kept in box.newest("", 2, 10)] == [1]


def test_a_full_mailbox_forgets_the_oldest_sources_but_no_count() -> None:
    box = Mailbox(max_bytes=2 * len(mail()) + 10)
    for number in range(4):
        box.put(mail(f"<{number}@n>"), ["ada@mail.example"], 0)
    assert sorted(box.mails) == [3, 4]
    assert box.total == len(box.deliveries) == 4
    assert [kept.number for kept in box.after(0, 10)] == [3, 4]


def test_a_mail_is_taken_apart_into_headers_parts_and_links() -> None:
    letter = read(mail())
    assert ("Subject", "Größe") in letter.headers
    assert letter.text.startswith("Hello")
    assert "<p>" in letter.html
    assert letter.links == ["http://127.0.0.1/s/abc", "http://127.0.0.1/s/abc?score=4"]
