"""A stand-in for curl, for machines without one. It takes the options that `cms run` prints."""

import argparse
import sys
import urllib.error
import urllib.request


def main(arguments: list[str] | None = None) -> int:
    asked = options().parse_args(arguments)
    try:
        # The site is on this machine: no proxy can reach it.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request(asked), timeout=30
        ) as answer:
            show(answer.read())
    except urllib.error.HTTPError as refusal:
        # Like curl: a refusal is an answer.
        show(refusal.read())
    except OSError as error:
        print(f"fetch: {error}", file=sys.stderr)  # noqa: T201 - a command of its own
        return 7
    return 0


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fetch", description=__doc__)
    parser.add_argument("-s", action="store_true", help="ignored: it is always silent")
    parser.add_argument("-S", action="store_true", help="ignored: it always shows errors")
    parser.add_argument("--noproxy", help="ignored: it never uses a proxy")
    parser.add_argument("-X", dest="method", help="the method")
    parser.add_argument("-H", dest="headers", action="append", default=[], help="`Name: value`")
    parser.add_argument("-d", dest="body", help="the body")
    parser.add_argument("url")
    return parser


def request(asked: argparse.Namespace) -> urllib.request.Request:
    headers = dict(header.split(": ", 1) for header in asked.headers)
    body = None if asked.body is None else asked.body.encode()
    method = asked.method or ("GET" if body is None else "POST")
    return urllib.request.Request(asked.url, data=body, headers=headers, method=method)  # noqa: S310


def show(body: bytes) -> None:
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    raise SystemExit(main())
