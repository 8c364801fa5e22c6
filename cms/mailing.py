"""Send mail that waits, one after the other, outside any transaction."""

import logging
import threading

from flask import Flask

from cms.database import log_failure, transaction
from cms.services import clock, mails, smtp
from cms.services.mails import Leased

log = logging.getLogger(__name__)
# How often it is looked whether something waits, in seconds; and after a failure.
LOOKS_EVERY, LOOKS_AFTER_FAILURE = 1.0, 5.0


class Mailer:
    def __init__(self, app: Flask, ending: threading.Event) -> None:
        self._app, self._ending = app, ending

    def run(self) -> None:
        """Send what comes, until the event is set; nothing where no mail goes out."""
        if not self._app.config["CMS"].smtp_url:
            return
        pause = 0.0
        while not self._ending.wait(pause):
            pause = LOOKS_EVERY if self.run_out() else LOOKS_AFTER_FAILURE

    def run_out(self) -> bool:
        """Send all that is due now. Whether nothing failed."""
        if not self._app.config["CMS"].smtp_url:
            return True
        try:
            with self._app.app_context():
                return self._send_due()
        except Exception as error:
            log_failure(log, error, "Mail could not be sent.")
        return False

    def _send_due(self) -> bool:
        went_well = True
        while went_well and mails.waiting() and not self._ending.is_set():
            with transaction():
                leased = mails.take(clock.now())
            if leased is None:
                break
            went_well = self._send(leased)
        return went_well

    def _send(self, leased: Leased) -> bool:
        """Whether the server is one to go on with."""
        failure, for_good = None, False
        try:
            with transaction():
                message = mails.make(leased, clock.now())
            if message is None:
                return True
            smtp.send(message, self._app.config["CMS"])
        except smtp.Failed as error:
            failure, for_good = str(error), error.for_good
            log.warning("Mail %s was not taken: %s", leased.mail_id, failure)
        except ValueError:
            failure, for_good = "It could not be made", True
            log.exception("Mail %s could not be made.", leased.mail_id)
        with transaction():
            mails.keep(leased, failure, for_good=for_good, now=clock.now())
        return failure is None or for_good
