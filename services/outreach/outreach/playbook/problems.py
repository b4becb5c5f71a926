"""What is wrong with a playbook: each kind of mistake has a stable code, each finding an exact place."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

# A code is never used again for another mistake: C025 was for steps that were not supported yet.
CODES = {
    "C001": "the file cannot be read",
    "C002": "an unknown key",
    "C003": "a required key is missing",
    "C004": "a value of the wrong kind",
    "C005": "not a duration",
    "C006": "not one of the allowed words",
    "C007": "a condition that cannot be compiled",
    "C008": "an unknown event type",
    "C009": "a step without exactly one verb",
    "C010": "the id is not the file's name",
    "C011": "an id that another rule has",
    "C012": "a letter that does not exist",
    "C013": "a team that does not exist",
    "C014": "an unknown field",
    "C015": "a letter with a mistake",
    "C016": "not a time of day",
    "C017": "`event` where no event begins the rule",
    "C018": "no example that acts, or none that does not",
    "C019": "a letter that no rule sends",
    "C020": "a survey that does not exist",
    "C021": "a letter or a survey in too few languages",
    "C022": "an example that cannot be read",
    "C023": "quiet hours that swallow every moment",
    "C024": "YAML that a playbook does not use",
    "C026": "a value that neither the event nor the customer has",
    "C027": "a file that is not read, or a folder that is not there",
    "C028": "what looks like a secret",
    "C029": "a rule that reaches nobody",
    "C030": "a staff rule that writes to customers",
    "C031": "an answer waited for that nobody asked for",
    "C032": "two examples of one name",
    "C033": "two rules that say the same",
    "C034": "a survey that its page would show wrongly",
    "C035": "a coupon pool without a file of codes",
    "C036": "a webhook that does not exist",
    "C037": "a function that conditions do not have",
    "C038": "what cannot be compared, or is neither true nor false",
    "C039": "a duration inside a condition that is none",
    "C040": "a field that the event asked about does not have",
    "C041": "a name that conditions do not know",
    "C042": "a condition that is always the same",
    "C043": "a step that is never reached",
    "C044": "a rule that is never let through",
    "C045": "a letter that expires during quiet hours",
    "C046": "a match field that one of the two events does not have",
    "C047": "quiet hours that last no time",
    "C048": "an example whose lines are not in the order of time",
    "C049": "an expected line outside of its example's time",
    "C050": "a letter that is missing in the first language",
    "C051": "a filter or a tag that letters do not have",
    "C052": "a letter whose head is not right",
    "C053": "a value that may be missing, without a default",
    "C054": "what no rule uses",
    "C055": "a letter that two rules send upon the same event",
    "C056": "what is no mail address",
    "C057": "a wait beyond the life of the playbook's version",
    "C058": "an occasion that the event may lack",
    "C059": "an example event that would be refused",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding; `line` and `column` count from 1. `severity` is error or warning."""

    file: str
    line: int
    column: int
    code: str
    message: str
    severity: str = "error"
    expected: str = ""
    suggestion: str = ""


@dataclass(slots=True)
class Problems:
    """All findings, collected while reading goes on: everything at once, never only the first."""

    found: list[Problem] = field(default_factory=list)
    hidden: set[tuple[str, tuple[int, int]]] = field(default_factory=set)

    def add(self, file: str, place: tuple[int, int], code: str, message: str, **more: str) -> None:
        """Notes a finding at (line, column)."""
        line, column = place
        if (file, place) not in self.hidden:
            self.found.append(Problem(file, line, column, code, message, **more))

    def hide(self, file: str, place: tuple[int, int]) -> None:
        """Nothing more is said about a value of which a finding has said that it cannot be read."""
        self.hidden.add((file, place))

    def errors(self) -> list[Problem]:
        """The findings that keep a playbook from being used."""
        return sorted(problem for problem in self.found if problem.severity == "error")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or an empty text."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), "")
