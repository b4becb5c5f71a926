"""A survey file, checked: the question and the answers of a page that customers see, in every language that the shop speaks."""

from pathlib import PurePath

from outreach.letters.surveys import WORDS_PER_SCALE
from outreach.playbook.fields import Fields, Source, kind
from outreach.playbook.yaml_text import Node

REQUIRED = ("kind", "question", "answers")
THANKS = ("low", "middle", "high")


def check_survey(source: Source, node: Node) -> None:
    """Adds everything that is wrong with a survey; what its page would say in another language than the customer's is a warning."""
    fields = Fields(source, node, ("id", *REQUIRED, "comment", "thanks"), REQUIRED)
    if not fields.nodes:
        return
    stem = PurePath(source.file).stem
    if "kind" in fields and fields.node("kind").value != stem:
        source.add(fields.node("kind").place, "C034", "the survey page knows csat and nps, each by its own name", expected=f"kind: {stem}")
    else:
        fields.choice("kind", WORDS_PER_SCALE, "")
    for name in ("question", "comment"):
        _check_texts(fields, name)
    thanks = Fields(source, fields.node("thanks", {}), THANKS)
    for name in THANKS:
        _check_texts(thanks, name)
    _check_answers(fields)


def _check_texts(fields: Fields, name: str) -> None:
    """One text for each language."""
    texts = _by_language(fields, name)
    if texts is None:
        return
    for language in texts.nodes:
        texts.text(language)
    missing = [language for language in fields.source.known.policy.languages if language not in texts]
    if missing:
        fields.source.add(texts.place, "C021", f'"{name}" of the survey is missing in {", ".join(missing)}', severity="warning")


def _check_answers(fields: Fields) -> None:
    """As many words as the scale has places for, in the languages of the question."""
    answers, asked = _by_language(fields, "answers"), fields.node("question").value
    if answers is None:
        return
    for language in asked if isinstance(asked, dict) else ():
        if language not in answers:
            fields.source.add(
                answers.place, "C003", f'the key "{language}" is missing', expected=f"answers in every language of the question: {', '.join(asked)}"
            )
    for node in answers.nodes.values():
        _check_words(fields.source, node, WORDS_PER_SCALE.get(str(fields.node("kind").value), 0))


def _check_words(source: Source, node: Node, wanted: int) -> None:
    words = node.value if isinstance(node.value, list) else []
    if not words or (wanted and len(words) != wanted):
        got = f"{len(words)} of them" if words else kind(node)
        source.add(node.place, "C004", f"expected a list of {wanted or 'some'} texts, got {got}")
    for word in words:
        if not isinstance(word.value, str):
            source.add(word.place, "C004", f"expected a text, got {kind(word)}")


def _by_language(fields: Fields, name: str) -> Fields | None:
    """What stands there for each language; None where nothing does."""
    node = fields.node(name)
    if name not in fields or not isinstance(node.value, dict) or not node.value:
        if name in fields:
            fields.source.add(node.place, "C004", f'"{name}": expected a text for each language, such as en: …, got {kind(node)}')
        return None
    return Fields(fields.source, node, tuple(node.value))
