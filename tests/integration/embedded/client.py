"""A process that uses the embedded server, told what to do by lines on its standard input; one JSON answer a line."""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

import psycopg

from acuse.config import embedded
from acuse.config.embedded import layout, programs
from acuse.config.errors import ConfigurationError
from acuse.config.secret_key import secret_key_of


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)


def _connect(data_dir: Path) -> psycopg.Connection:
    return psycopg.connect(
        host=str(embedded.socket_dir(data_dir)), port=embedded.PORT, user=embedded.USER, dbname=embedded.DATABASE
    )


def _fork(data_dir: Path, *, lives_on: bool) -> int:
    """A child without exec: it ends at once through its exit handlers, or lives on until it is told by SIGTERM."""
    child = os.fork()
    if child:
        return child
    if lives_on:
        os.close(0)
        os.close(1)
        signal.pause()
    sys.exit(0)


def _do(command: str, data_dir: Path) -> object:
    verb, _, argument = command.partition(" ")
    match verb:
        case "attach":
            embedded.attach(data_dir)
            return "attached"
        case "release":
            embedded.release(data_dir)
            return "released"
        case "query":
            with _connect(data_dir) as connection:
                rows = connection.execute(argument.encode())
                return [list(row) for row in rows] if rows.description else rows.rowcount
        case "secret":
            return secret_key_of(data_dir)
        case "fork":
            child = _fork(data_dir, lives_on=False)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        case "fork-and-leave":
            return _fork(data_dir, lives_on=True)
        case _:
            raise ValueError(command)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--at", type=float, help="start at this time, together with others")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--sockets", type=Path)
    given = parser.parse_args()
    if given.cache:
        programs._CACHE = given.cache
    if given.sockets:
        layout._short_parent = lambda: given.sockets
    if given.uid is not None:  # in the process, since the interpreter itself may be in a folder closed to that user
        os.setgroups([])
        os.setgid(given.uid)
        os.setuid(given.uid)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if given.at:
        time.sleep(max(0, given.at - time.time()))
    for line in sys.stdin:
        try:
            _answer({"done": _do(line.strip(), given.data_dir)})
        except (ConfigurationError, psycopg.Error) as error:
            _answer({"error": str(error), "kind": type(error).__name__})


if __name__ == "__main__":
    main()
