"""The schemas of health.yaml, surveys/*.yaml and the front matter of letters."""

from outreach.letters.surveys import SCALES
from outreach.playbook.editors import parts
from outreach.playbook.editors.parts import Schema


def health_schema() -> Schema:
    """What makes a relationship good or bad."""
    return parts.group(
        "How customer.health is counted.",
        {
            "start": parts.number("Where everybody begins.", 0, 100, 75),
            "window": parts.duration("How far back is looked.", "90d"),
            "weights": parts.group(
                "What an experience does to the score.",
                {"poor": parts.number("Each poor one; not above 0.", -100, 0, -22), "good": parts.number("Each good one.", 0, 100, 5)},
            ),
            "bands": parts.group(
                "The borders between red, amber and green.",
                {"red_below": parts.number("Red below this score.", 0, 100, 40), "green_from": parts.number("Green from this score on.", 0, 100, 70)},
            ),
        },
    )


def survey_schema() -> Schema:
    """A question, its answers and the thanks for them, in each language."""
    each = parts.named("By language.", parts.text("The words.", "All in all, how was it?"))
    answers = parts.named("By language.", parts.several(parts.text("The words."), "A word for each face (csat), or for the two ends of the numbers (nps).", 2))
    thanks = dict.fromkeys(("low", "middle", "high"), each)
    return parts.group(
        "A survey; its first question is shown in the letter.",
        {
            "id": parts.text("The survey's name: that of the file, without .yaml.", "csat"),
            "kind": parts.choice("csat: five faces, 1 to 5 | nps: 0 to 10", *SCALES),
            "question": each | {"description": "The question, in each language."},
            "answers": answers | {"description": "The words for the answers, in each language."},
            "comment": each | {"description": "What is asked beside the text field, in each language."},
            "thanks": parts.group("What we say after a low, middle or high score.", thanks),
        },
        ("kind", "question", "answers"),
    )


def letter_schema() -> Schema:
    """The lines between --- at the top of a letter."""
    return parts.group(
        "The top of a letter, between two lines of ---.",
        {
            "subject": parts.text("The subject; may show values.", "How is {{ event.product_name | default('your order') }} settling in?"),
            "preheader": parts.text("The grey line after the subject in an inbox.", "Two clicks, one minute."),
            "survey": parts.text("Shows the first question of surveys/NAME.yaml as one row of links.", "csat"),
        },
        ("subject",),
    )
