"""The whole desk on one machine, by one command: `make run`."""
