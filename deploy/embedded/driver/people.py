"""Who the customers are: made-up names and places, and a temperament that says how they behave."""

import random
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Temperament:
    """Probabilities of how somebody behaves.

    `reads` a mail, `answers` a survey that was read, `leaves` (unsubscribes) on reading; per order: writes a `ticket`, `returns` it, has a
    `payment` fail. `scores` are the weights of CSAT 1 to 5.
    """

    name: str
    weight: int
    reads: float
    answers: float
    leaves: float
    ticket: float
    returns: float
    payment: float
    scores: tuple[int, int, int, int, int]


TEMPERAMENTS = (
    Temperament("delighted", 35, 0.9, 0.7, 0.0, 0.03, 0.02, 0.01, (0, 0, 1, 4, 9)),
    Temperament("quiet", 35, 0.6, 0.4, 0.02, 0.04, 0.03, 0.02, (0, 1, 4, 5, 3)),
    Temperament("demanding", 20, 0.9, 0.7, 0.03, 0.25, 0.12, 0.03, (3, 4, 4, 3, 1)),
    Temperament("unlucky", 10, 0.8, 0.7, 0.03, 0.4, 0.2, 0.2, (7, 5, 2, 1, 0)),
)

NAMES = {
    "en": ("Alice", "Ben", "Chloe", "Daniel", "Emma", "Freya", "George", "Hannah", "Isaac", "Jack", "Katie", "Liam", "Maya", "Noah", "Olivia", "Poppy"),
    "de": ("Anna", "Björn", "Clara", "David", "Elif", "Franziska", "Günter", "Heike", "Ines", "Jürgen", "Katrin", "Lukas", "Miriam", "Niklas", "Sören", "Ute"),
}
LAST_NAMES = {"en": ("Ashworth", "Bell", "Carter", "Doyle", "Evans", "Fletcher"), "de": ("Becker", "Fischer", "Groß", "Keller", "Müller", "Schäfer")}
ZONES = {"en": ("Europe/London", "America/New_York", "America/Los_Angeles", "Australia/Sydney"), "de": ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich")}
GERMAN_SHARE = 0.3
BIRTHDAY_SHARE = 0.4  # who told the shop theirs
UNREACHABLE_SHARE = 0.01  # their address does not exist: the catcher refuses it


@dataclass(frozen=True)
class Person:
    """A customer as the driver plays them."""

    customer_id: str
    first_name: str
    last_name: str
    email: str
    language: str
    time_zone: str
    temperament: Temperament
    birthday: str = ""

    def traits(self) -> dict[str, str]:
        """The data of customer.created; who did not tell a birthday has none."""
        names = ("email", "first_name", "last_name", "language", "time_zone", "birthday")
        return {name: value for name in names if (value := getattr(self, name))}


def person(number: str, seed: int) -> Person:
    """The customer with this number; always the same one for a seed."""
    dice = random.Random(f"{seed}/person/{number}")  # noqa: S311 - a repeatable choice, no secret
    language = "de" if dice.random() < GERMAN_SHARE else "en"
    mailbox = "bounce" if dice.random() < UNREACHABLE_SHARE else "customer"
    temperament = dice.choices(TEMPERAMENTS, [kind.weight for kind in TEMPERAMENTS])[0]
    first, last, zone = (dice.choice(words[language]) for words in (NAMES, LAST_NAMES, ZONES))
    born = date(dice.randint(1930, 1978), 1, 1) + timedelta(days=dice.randrange(365))
    birthday = born.isoformat() if dice.random() < BIRTHDAY_SHARE else ""
    return Person(f"customer-{number}", first, last, f"{mailbox}-{number}@mail.example", language, zone, temperament, birthday)
