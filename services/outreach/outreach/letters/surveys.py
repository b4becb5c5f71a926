"""The first question of a survey as one row of links under a letter, in HTML and in text."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from outreach.letters.errors import LetterError
from outreach.letters.words import words_in
from outreach.letters.yaml import read_yaml

FACES = ("\U0001f61e", "\U0001f641", "\U0001f610", "\U0001f642", "\U0001f600")
SCALES = {"csat": range(1, 6), "nps": range(11)}
WORDS_PER_SCALE = {"csat": 5, "nps": 2}
LINK = "{{ links.survey | link }}?score="


@dataclass(frozen=True, slots=True)
class Survey:
    """A question and its answers by language: five words for csat, the two ends of the scale for nps."""

    kind: str
    question: Mapping[str, str]
    answers: Mapping[str, list[str]]

    def html(self, language: str) -> str:
        """The row of links as HTML with Jinja tags for the addresses."""
        question, answers = self._in(language)
        links = "\n".join(self._link(score, answers, language) for score in SCALES[self.kind])
        ends = f"<p class='ends'><span class='low'>{escape(answers[0])}</span><span class='high'>{escape(answers[-1])}</span></p>"
        return (
            f"<p class='question'>{escape(question)}</p>\n<div class='scale {self.kind}' role='group' aria-label='{escape(question)}'>\n{links}\n</div>\n{ends}"
        )

    def text(self, language: str) -> str:
        """The question and its addresses as plain text with Jinja tags."""
        question, answers = self._in(language)
        if self.kind == "nps":
            return f"{question}\n0: {answers[0]} … 10: {answers[-1]}\n{words_in(language).answer_here}: {{{{ links.survey | link }}}}\n"
        lines = (f"{score} - {answers[score - 1]}: {LINK}{score}" for score in reversed(SCALES[self.kind]))
        return question + "\n\n" + "\n".join(lines) + "\n"

    def _in(self, language: str) -> tuple[str, list[str]]:
        known = next((tag for tag in (language, language.split("-", maxsplit=1)[0]) if tag in self.question), next(iter(self.question)))
        return self.question[known], self.answers[known]

    def _link(self, score: int, answers: list[str], language: str) -> str:
        scale = SCALES[self.kind]
        shown = FACES[score - 1] if self.kind == "csat" else str(score)
        ends = {scale[0]: answers[0], scale[-1]: answers[-1]}
        word = answers[score - 1] if self.kind == "csat" else ends.get(score, "")
        label = words_in(language).score.format(score=score, of=scale[-1], word=word).removesuffix(": ")
        return f"<a class='score' href='{LINK}{score}' title='{escape(label)}' aria-label='{escape(label)}'>{shown}</a>"


BUILT_IN = {
    "csat": Survey(
        "csat",
        {"en": "All in all, how was it?", "de": "Alles in allem, wie war es?"},
        {
            "en": ["Very bad", "Not so good", "Okay", "Good", "Very good"],
            "de": ["Sehr schlecht", "Nicht so gut", "In Ordnung", "Gut", "Sehr gut"],
        },
    ),
    "nps": Survey(
        "nps",
        {"en": "How likely are you to recommend us to a friend?", "de": "Wie wahrscheinlich ist es, dass du uns weiterempfiehlst?"},
        {"en": ["Not at all", "Very likely"], "de": ["Gar nicht", "Sehr wahrscheinlich"]},
    ),
}


def read_survey(text: str, file: str) -> Survey:
    """The survey in a surveys/*.yaml file; raises LetterError."""
    data, _ = read_yaml(text, file, 1)
    kind = data.get("kind")
    if kind not in SCALES:
        raise LetterError(file, 0, f"expected kind: {' or '.join(SCALES)}")
    question, answers = _by_language(data, "question", file), _by_language(data, "answers", file)
    for language in question:
        if not _fits(answers.get(language), WORDS_PER_SCALE[kind]):
            raise LetterError(file, 0, f"expected answers: {language}: a list of {WORDS_PER_SCALE[kind]} texts")
    return Survey(kind, question, answers)


def _by_language(data: Mapping[str, Any], key: str, file: str) -> Mapping[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict) or not value:
        raise LetterError(file, 0, f"expected {key}: with a text for each language, such as en:")
    return value


def _fits(answers: object, number: int) -> bool:
    return isinstance(answers, list) and len(answers) == number and all(isinstance(answer, str) for answer in answers)
