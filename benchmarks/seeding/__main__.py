"""`python -m benchmarks.seeding 100000 [--fresh]` makes a store ahead of time."""

import sys
import time

from benchmarks.seeding import stores


def main(arguments: list[str]) -> None:
    begun = time.monotonic()
    last = [0.0]

    def show(done: int, total: int) -> None:
        now = time.monotonic()
        if now - last[0] > 5 or done == total:
            last[0] = now
            sys.stderr.write(f"  {done:,} of {total:,} tickets, {done / (now - begun):,.0f} a second\n")

    for size in [int(part) for part in arguments if not part.startswith("-")] or list(stores.SIZES):
        begun = time.monotonic()
        label = stores.prepare(size, fresh="--fresh" in arguments, progress=show)
        sys.stdout.write(f"{stores.folder_of(size)}: {label}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
