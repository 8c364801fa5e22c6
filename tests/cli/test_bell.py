"""What wakes the server's loop is rung by handlers of signals, whatever the loop just does."""

import subprocess
import sys
import time
from threading import Timer

import pytest

from cms.cli.bell import Bell

RUNG = """
import signal, threading, time
from cms.cli.bell import Bell

bell, rung = {bell}, []
signal.signal(signal.SIGALRM, lambda *_: rung.append(bell.set()))
signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
last = time.monotonic() + 1.5
while time.monotonic() < last:
    bell.wait(0.0001)
    bell.clear()
signal.setitimer(signal.ITIMER_REAL, 0)
print("rung" if len(rung) > 100 else "quiet")
"""


def test_a_handler_never_waits_for_the_loop_that_it_interrupts():
    command = [sys.executable, "-c", RUNG.format(bell="Bell()")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout == "rung\n"


def test_who_waits_is_woken_and_else_goes_on_after_a_while():
    bell, begun = Bell(), time.monotonic()
    bell.wait(0.01)
    Timer(0.05, bell.set).start()
    bell.wait(30)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("times", [1, 3])
def test_what_was_rung_before_is_forgotten(times):
    bell = Bell()
    for _ in range(times):
        bell.set()
    bell.clear()
    begun = time.monotonic()
    bell.wait(0.05)
    assert time.monotonic() - begun > 0.04
