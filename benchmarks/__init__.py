"""Where the speed figures of docs/benchmarks.md come from. `make bench` runs all; benchmarks/README.md."""
