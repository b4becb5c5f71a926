"""What the preview page shows: the letter that was chosen, for whom, in which language, and everything that is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import urlencode

from jinja2 import Environment, StrictUndefined

from outreach.playbook.load import Folder
from outreach.playbook.problems import Problem
from outreach.preview.mail import CLIPPED_AT, NEARLY_CLIPPED, Shown, first_sent, kilobytes, letter_names, missing_languages, problems_of, show
from outreach.preview.samples import Sample, samples
from outreach.preview.scheme import SCHEMES

_JINJA = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_JINJA.filters["kilobytes"] = kilobytes


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address of the page asks for; "" is whatever is nearest."""

    letter: str = ""
    language: str = ""
    sample: str = ""

    def link(self, **changes: str) -> str:
        """The query of a page that differs in something."""
        asked = {"letter": self.letter, "language": self.language, "for": self.sample} | changes
        return "?" + urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Entry:
    """A letter in the list, and how many things lint has to say about it."""

    name: str
    errors: int
    warnings: int


@dataclass(frozen=True)
class Scene:
    """One page's worth: the choice made certain, the people it can be shown for, and the letter."""

    choice: Choice
    samples: tuple[Sample, ...]
    sample: Sample
    shown: Shown
    problems: tuple[Problem, ...]


class Page:
    """Draws scenes of a playbook. `extra` is the customer of `--as`, shown first where there is one."""

    def __init__(self, public_url: str, extra: Mapping[str, Sample] | None = None) -> None:
        self._public_url = public_url
        self._extra = extra or {}
        self._template = _JINJA.from_string(files(__package__).joinpath("page.html.j2").read_text("utf-8"))

    def scene(self, folder: Folder, choice: Choice) -> Scene:
        """The letter for the customer; an unknown letter or customer becomes the first one."""
        names = letter_names(folder) or [""]
        letter = choice.letter if choice.letter in names else names[0]
        found = [*([self._extra[letter]] if letter in self._extra else []), *samples(letter, folder)]
        chosen = next((sample for sample in found if sample.name == choice.sample), None)
        sample = chosen or (found[0] if letter in self._extra else first_sent(letter, found, folder))
        problems = tuple(problems_of(letter, folder))
        broken = any(problem.severity == "error" for problem in problems)
        shown = Shown(letter, error="the letter has mistakes") if broken else show(letter, sample, folder, self._public_url, choice.language)
        return Scene(Choice(letter, choice.language, chosen.name if chosen else ""), tuple(found), sample, shown, problems)

    def html(self, folder: Folder, scene: Scene, lines: Mapping[str, list[str]]) -> str:
        """The page; `lines` holds the text of the playbook's files by name, to show where a mistake is."""
        elsewhere = [problem for problem in folder.problems if problem not in scene.problems]
        return self._template.render(
            scene=scene,
            shown=scene.shown,
            choice=scene.choice,
            brand=folder.playbook.policy.brand,
            letters=[_entry(name, folder) for name in letter_names(folder)],
            languages=folder.playbook.policy.languages,
            missing=missing_languages(scene.shown.letter, folder),
            elsewhere=elsewhere,
            line_of=lambda problem: _line(lines, problem),
            schemes=SCHEMES,
            version=folder.playbook.version,
            clipped_at=CLIPPED_AT,
            nearly_clipped=NEARLY_CLIPPED,
        )


def _entry(name: str, folder: Folder) -> Entry:
    severities = [problem.severity for problem in problems_of(name, folder)]
    return Entry(name, severities.count("error"), severities.count("warning"))


def _line(lines: Mapping[str, list[str]], problem: Problem) -> str:
    text = lines.get(problem.file, [])
    return text[problem.line - 1] if problem.line <= len(text) else ""
