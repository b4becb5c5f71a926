"""From a letter and what is known about a customer to subject, text and HTML; a customer's values are never read as Markdown, HTML or a template."""

from outreach.letters.errors import LetterError
from outreach.letters.letters import Letter, Letters, Rendered
from outreach.letters.load import letters_from, load_letters
from outreach.letters.variables import Variable

__all__ = ["Letter", "LetterError", "Letters", "Rendered", "Variable", "letters_from", "load_letters"]
