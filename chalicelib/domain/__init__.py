"""The rules of the desk: plain values and pure functions, the standard library only, no clock and no I/O."""
