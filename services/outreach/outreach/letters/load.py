"""From a playbook's files to Letters: every file is read, checked and compiled once, and every mistake is kept rather than only the first."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from jinja2 import TemplateSyntaxError

from outreach.core.policy import Brand
from outreach.letters.errors import LetterError, unknown
from outreach.letters.frame import DEAREST_FRAME, PLACES, built_in_frame, html_around, text_around, too_large
from outreach.letters.frame import ROOTS as FRAME_ROOTS
from outreach.letters.letters import Letter, Letters, Part
from outreach.letters.markdown import Markdown
from outreach.letters.pair import (
    HTML_ROOTS,
    LARGEST_HTML_FILE,
    TEXT_ROOTS,
    html_name,
    missing_decency,
    text_name,
    with_safe_values,
    without_empty_lines,
)
from outreach.letters.plaintext import as_text
from outreach.letters.sandbox import Sandbox
from outreach.letters.source import Piece, Source, names_of, read_source
from outreach.letters.surveys import BUILT_IN, Survey, read_survey
from outreach.letters.tags import Tags, TooManyTags
from outreach.letters.variables import Findings, Variable, afford, look_through

FRAME = "letters/_brand.html"
OURS = ("letters/*.md", "letters/*.txt.j2", "letters/*.html.j2", "surveys/*.yaml")


def load_letters(folder: Path, brand: Brand, languages: Sequence[str], fallback: str) -> Letters:
    """The letters, frame and surveys in a playbook's folder; what is wrong is in `problems`. Raises OSError when a file cannot be read."""
    found = [path for pattern in (FRAME, *OURS) for path in folder.glob(pattern)]
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8", errors="replace") for path in sorted(found)}
    return letters_from(texts, brand, languages, fallback)


def letters_from(texts: Mapping[str, str], brand: Brand, languages: Sequence[str], fallback: str) -> Letters:
    """The same from texts by their path in the playbook, such as `letters/checkin.de.md`; other files are none of its business."""
    loading = _Loading(texts, languages, fallback)
    letters: dict[str, dict[str, Letter]] = {}
    for file, text in texts.items():
        if letter := loading.letter(text, file, texts):
            letters.setdefault(letter.name, {})[letter.language] = letter
    return Letters(brand, fallback, letters, loading.written, (*loading.problems, *_odd(texts)))


def _odd(texts: Mapping[str, str]) -> list[LetterError]:
    odd = [file for file, text in texts.items() if "\ufffd" in text and (file == FRAME or any(PurePosixPath(file).match(ours) for ours in OURS))]
    return [LetterError(file, 0, "expected a file saved as UTF-8, got other bytes") for file in odd]


class _Loading:
    """One run over the files, collecting problems."""

    def __init__(self, texts: Mapping[str, str], languages: Sequence[str], fallback: str) -> None:
        self.problems: list[LetterError] = []
        self.written: dict[str, dict[str, str]] = {}
        self._sandbox = Sandbox()
        self._languages = {*languages, fallback}
        self._fallback = fallback
        self._surveys = self._read_surveys(texts)
        self._frame = self._read_frame(texts)

    def letter(self, text: str, file: str, texts: Mapping[str, str]) -> Letter | None:
        """The compiled letter, or None when the file is none or something is wrong with it."""
        path = PurePosixPath(file)
        try:
            if path.match("letters/*.md"):
                return self._from_markdown(self._begun(text, file))
            if path.match("letters/*.txt.j2"):
                return self._from_pair(self._begun(text, file), texts.get(html_name(file)))
            if path.match("letters/*.html.j2") and text_name(file) not in texts:
                self.problems.append(LetterError(file, 0, f"expected {text_name(file)} beside it, with the subject and the text part"))
        except LetterError as problem:
            self.problems.append(problem)
        except TooManyTags as problem:
            self.problems.append(LetterError(file, 0, str(problem)))
        return None

    def _begun(self, text: str, file: str) -> Source:
        name, language = names_of(file, self._fallback)
        written = self.written.setdefault(name, {})
        if language in written:
            raise LetterError(file, 0, f"expected one letter {name} in {language}, got a second one")
        written[language] = ""
        source = read_source(text, file, self._fallback)
        written[language] = source.survey
        return source

    def _from_markdown(self, source: Source) -> Letter | None:
        findings = Findings(source.file)
        self._look(source, findings, times=2)
        afford(findings)
        self.problems.extend(findings.problems)
        return None if findings.problems else self._compile(source, findings)

    def _from_pair(self, source: Source, html: str | None) -> Letter | None:
        file = html_name(source.file)
        if html is None:
            raise LetterError(source.file, 0, f"expected {file} beside it, with the HTML part")
        if len(html.encode()) > LARGEST_HTML_FILE:
            raise LetterError(file, 0, f"expected at most {LARGEST_HTML_FILE // 1024} KB")
        texts, htmls = Findings(source.file, roots=TEXT_ROOTS), Findings(file, roots=HTML_ROOTS)
        self._look(source, texts, times=1)
        look_through(self._sandbox, html, 1, htmls)
        for findings in (texts, htmls):
            afford(findings)
            findings.problems.extend(missing_decency(findings.variables, findings.file, source.survey))
        self.problems.extend([*texts.problems, *htmls.problems])
        return None if texts.problems or htmls.problems else self._compile_pair(source, html, (*texts.variables, *htmls.variables))

    def _look(self, source: Source, findings: Findings, *, times: int) -> None:
        for piece, rendered in ((source.subject, 1), (source.preheader, 1), (source.body, times)):
            look_through(self._sandbox, piece.text, piece.line, findings, times=rendered)
        if source.survey and source.survey not in self._surveys:
            findings.problems.append(unknown(source.file, 0, "survey", source.survey, self._surveys))
        if source.language not in self._languages:
            known = ", ".join(sorted(self._languages))
            findings.problems.append(LetterError(source.file, 0, f'expected one of the languages {known}, got "{source.language}"'))

    def _compile(self, source: Source, findings: Findings) -> Letter:
        tags = Tags(self._sandbox)
        markdown = Markdown(tags)
        survey = self._surveys.get(source.survey)
        try:
            tokens = markdown.parse(tags.set_aside(source.body.text, source.file, source.body.line))
            html = html_around(markdown.html(tokens), tags, self._frame, source.language, survey)
        except ValueError as error:
            raise LetterError(source.file, source.body.line, str(error)) from None
        text = text_around(as_text(tokens), tags, source.language, survey)
        parts = self._part(text, tags, source.file), self._part(html, tags, f"{source.file}.html")
        return self._letter(source, tags, tuple(findings.variables), parts)

    def _compile_pair(self, source: Source, html: str, variables: tuple[Variable, ...]) -> Letter:
        tags, file = Tags(self._sandbox), html_name(source.file)
        text = without_empty_lines(tags.set_aside(source.body.text, source.file, source.body.line), tags.only_statements)
        marked = with_safe_values(tags.set_aside(html, file, 1), tags, file)
        return self._letter(source, tags, variables, (self._part(text, tags, source.file), self._part(marked, tags, file)))

    def _letter(self, source: Source, tags: Tags, variables: tuple[Variable, ...], parts: tuple[Part, Part]) -> Letter:
        return Letter(
            name=source.name,
            language=source.language,
            file=source.file,
            survey=source.survey,
            variables=variables,
            subject=self._line(source.subject, source.file, tags),
            preheader=self._line(source.preheader, source.file, tags),
            text=parts[0],
            html=parts[1],
        )

    def _line(self, piece: Piece, file: str, tags: Tags) -> Part:
        return self._part(tags.set_aside(piece.text, file, piece.line), tags, file)

    def _part(self, marked: str, tags: Tags, name: str) -> Part:
        woven = tags.put_back(marked)
        try:
            return Part(self._sandbox.template(woven.source, name), woven.places)
        except TemplateSyntaxError as error:
            file, line = woven.places.get(error.lineno, (name, 0))
            raise LetterError(file, line, f"expected tags that are still whole where Markdown put them: {error.message}") from None
        except (RecursionError, SyntaxError, MemoryError, ValueError):
            raise LetterError(name, 0, "expected a simpler letter: this one cannot be compiled") from None

    def _read_surveys(self, texts: Mapping[str, str]) -> dict[str, Survey]:
        surveys = dict(BUILT_IN)
        for file, text in texts.items():
            if PurePosixPath(file).match("surveys/*.yaml"):
                try:
                    surveys[PurePosixPath(file).stem] = read_survey(text, file)
                except LetterError as problem:
                    self.problems.append(problem)
        return surveys

    def _read_frame(self, texts: Mapping[str, str]) -> tuple[str, str]:
        """The playbook's frame when it is there and right, else the built-in one."""
        if FRAME not in texts:
            return "built-in frame", built_in_frame()
        if message := too_large(texts[FRAME]):
            self.problems.append(LetterError(FRAME, 0, message))
            return "built-in frame", built_in_frame()
        findings = Findings(FRAME, roots=FRAME_ROOTS)
        look_through(self._sandbox, texts[FRAME], 1, findings)
        afford(findings, DEAREST_FRAME)
        missing = set(PLACES) - {variable.name for variable in findings.variables}
        findings.problems.extend(LetterError(FRAME, 0, f"expected {{{{ {place} }}}} in the frame") for place in sorted(missing))
        if findings.problems:
            self.problems.extend(findings.problems)
            return "built-in frame", built_in_frame()
        return FRAME, texts[FRAME]
