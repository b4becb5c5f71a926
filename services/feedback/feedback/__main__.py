"""`python -m feedback` serves; `python -m feedback bounce [RECIPIENT] < mail` takes in one message that came back."""

import asyncio
import logging
import sys

from feedback.running import serve, take_one
from feedback.settings import FeedbackSettings

if __name__ == "__main__":
    settings = FeedbackSettings()  # type: ignore[call-arg]  # the environment fills it in
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if settings.clock:
        logging.getLogger("feedback").warning("time is scaled: this is not a production system: %s", settings.clock)
    if sys.argv[1:2] == ["bounce"]:
        sys.exit(asyncio.run(take_one(settings, sys.argv[2:])))
    asyncio.run(serve(settings))
