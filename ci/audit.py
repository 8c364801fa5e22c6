"""`make audit`: whether a locked package has a vulnerability that is known.

Fails for one that has; and not because the services that know of them can not be asked, which it
says in one line. Arguments are given on to pip-audit.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-postgres.txt"]
AUDIT = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
AUDIT += ["--format", "json", "--progress-spinner", "off", "--timeout", "15"]
# Asked one after the other, until one knows the packages.
SERVICES = [["--vulnerability-service", "pypi"], ["--vulnerability-service", "osv"]]
# Of pip-audit, for a vulnerability, and for nearly all that goes wrong.
FOUND = 1
# What it says, one way or another, where nobody answers.
AWAY = re.compile(r"ConnectionError|ConnectTimeout|ReadTimeout|Could not connect|ServiceError")


def main(arguments: Sequence[str]) -> int:
    for service in [list(arguments)] if arguments else SERVICES:
        known = _asked(service)
        if known:
            return _told(known)
    print("No service that knows of vulnerabilities can be asked from here: nothing was audited.")
    return 0


def _asked(options: list[str]) -> list[dict[str, Any]]:
    """The packages that the service knows; none where it can not be asked."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name in LOCKS:
        command = [*AUDIT, "--requirement", str(FOLDER / name), *options]
        ran = subprocess.run(command, capture_output=True, text=True)
        if AWAY.search(ran.stderr):
            return []
        if ran.returncode not in (0, FOUND) or not ran.stdout:
            raise SystemExit(ran.stderr)
        packages = json.loads(ran.stdout)["dependencies"]
        found |= {(one["name"], one["version"]): one for one in packages if "vulns" in one}
    return list(found.values())


def _told(packages: list[dict[str, Any]]) -> int:
    bad = [one for one in packages if one["vulns"]]
    for one in bad:
        for vulnerability in one["vulns"]:
            mended = ", ".join(vulnerability["fix_versions"]) or "no version yet"
            print(f"{one['name']} {one['version']}: {vulnerability['id']}, mended in {mended}")
    print(f"{len(packages)} packages audited, {len(bad)} with a known vulnerability.")
    return FOUND if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
