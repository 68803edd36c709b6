"""The door: prepares the environment before Qt is loaded, then hands over to the command line."""

import sys


def main() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(f"Qingshao needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}.")
    try:
        from desktop import cli, environment
    except ModuleNotFoundError as missing:
        sys.exit(
            f"The Python package {missing.name} is missing. Use `make run`, or install requirements.txt."
        )
    environment.prepare()
    cli.main()


if __name__ == "__main__":
    main()
