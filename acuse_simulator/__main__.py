"""`python -m acuse_simulator`: a stand-in for Meta's platform on this machine."""

import argparse
import os
import sys
from pathlib import Path

from acuse_simulator import config as configuration
from acuse_simulator.server import print_ready, run


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m acuse_simulator", description=__doc__)
    parser.add_argument("--host", help="loopback address (127.0.0.1)")
    parser.add_argument("--port", type=int, help="0 picks a free one")
    parser.add_argument("--config", type=Path, help="JSON file; see docs/simulator.md")
    parser.add_argument("--json", action="store_true", help="print only the JSON line (the line comes in any case)")
    return parser.parse_args()


def _announce(url: str) -> None:
    print_ready(url)
    if sys.stderr.isatty():
        sys.stderr.write(f"Simulador listo: {url}/ (teléfonos en {url}/phone/). Ctrl+C para terminar.\n")


def main() -> int:
    arguments = _arguments()
    try:
        config = configuration.from_file(arguments.config) if arguments.config else configuration.Config()
        config.host = arguments.host or config.host
        config.port = config.port if arguments.port is None else arguments.port
        run(config, print_ready if arguments.json else _announce)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"acuse_simulator: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The HTTP client's threads abort the interpreter now and then when it finalises just after a close.
    os._exit(code)
