"""What the desk runs on: its resources, its package, its local run and its benchmarks."""
