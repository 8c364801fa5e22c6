"""`cms worker`: upkeep and what leaves the site, apart from any server."""

import signal
from _thread import start_new_thread
from typing import Any

import click

from cms.cli.opening import opened
from cms.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Do all that is due, and end: for a timer.")
def worker(once: bool) -> None:
    """Do what is due by the clock until Ctrl-C or SIGTERM.

    Servers run one by themselves, unless CMS_WORKER is off. Several may run at once, on several
    machines.
    """
    with opened() as app:
        work = Worker(app)
        if once:
            end_at_signal(work)
            work.run_once()
            return
        end_at_signal(work)
        click.echo("Working.")
        work.run()
    click.echo("Stopped.")


def end_at_signal(work: Worker) -> None:
    def end(*_: Any) -> None:
        # Not in this thread: it may just hold the lock of what it waits for. And with no object of
        # `threading`, which takes locks as well.
        start_new_thread(work.end, ())

    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, end)
