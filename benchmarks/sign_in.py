"""`python -m benchmarks.sign_in`: whether the time of a refused sign-in tells who has an account.

Over a site of its own, with the hashes of production: a wrong password of somebody, an address
that nobody has, and the right password of somebody suspended, by turns and in a new order each
time. Medians of each, how far they are apart, and how often one of a pair is the slower one, which
is half of the time where nothing can be told.
"""

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.asking import Asking
from benchmarks.commented import serving
from benchmarks.machine import new_site
from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.database import transaction
from cms.extensions import db
from cms.models import Role
from cms.services import migrating, users

PASSWORD, WRONG = "correct horse battery staple", "wrong horse battery staple"
LOGIN = "/api/v1/auth/login"
# Who signs in, and with what.
ATTEMPTS = {
    "known": ("known@example.org", WRONG),
    "unknown": ("unknown@example.org", WRONG),
    "suspended": ("suspended@example.org", PASSWORD),
}
Attempt = Callable[[str, str], None]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sign_in", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--rounds", type=int, default=300, help="how many sign-ins of each kind")
    options = parser.parse_args(arguments)
    with new_site(options.database) as config:
        with any_schema(config):
            migrating.upgrade(db.engine)
            join()
        with serving(config, CMS_RATE_LIMITS="off") as (port, _):
            asking = Asking(port)
            tell(times(lambda *who: attempt(asking, *who), options.rounds))
            asking.close()


def join() -> None:
    """The people whom the attempts are about."""
    for name in ("known", "suspended"):
        values = {"email": ATTEMPTS[name][0], "name": name, "role": Role.EDITOR}
        with transaction():
            made = users.add(OPERATOR, **values, password=PASSWORD)
    with transaction():
        users.suspend(OPERATOR, made.id)


def attempt(asking: Asking, email: str, password: str) -> None:
    status, answer = asking.send("POST", LOGIN, {"email": email, "password": password})
    assert status == 401, answer


def times(attempt: Attempt, rounds: int) -> dict[str, list[float]]:
    """How long each attempt took, in seconds, by who signed in."""
    found: dict[str, list[float]] = {name: [] for name in ATTEMPTS}
    for name in ATTEMPTS:
        attempt(*ATTEMPTS[name])
    for _ in range(rounds):
        for name in random.sample(list(ATTEMPTS), len(ATTEMPTS)):
            start = time.perf_counter()
            attempt(*ATTEMPTS[name])
            found[name].append(time.perf_counter() - start)
    return found


def apart(found: dict[str, list[float]]) -> float:
    """How much longer the largest median is than the smallest: 0.05 is five per cent."""
    medians = [statistics.median(one) for one in found.values()]
    return max(medians) / min(medians) - 1


def slower(one: list[float], other: list[float]) -> float:
    """How often an attempt of the first kind is slower than one of the other (Mann-Whitney)."""
    pairs = itertools.product(one, other)
    return sum(a > b for a, b in pairs) / (len(one) * len(other))


def tell(found: dict[str, list[float]]) -> None:
    for name, took in found.items():
        print(f"{name}: median {statistics.median(took) * 1000:.2f} ms of {len(took)}")
    print(f"medians are {apart(found):.1%} apart")
    for one, other in itertools.combinations(found, 2):
        print(f"{one} is slower than {other} in {slower(found[one], found[other]):.1%} of pairs")


if __name__ == "__main__":
    main()
