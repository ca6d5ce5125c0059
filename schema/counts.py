"""What the sockets of a process do, in numbers: for health checks and for the log."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """The first four are of this moment, the others only grow."""

    sockets: int = 0
    operations: int = 0
    groups: int = 0
    waiting: int = 0
    "Events that wait to be written."
    frames: int = 0
    "Events that were sent."
    paused: int = 0
    "How often a peer did not read as fast as it was written to."
    killed: int = 0
    "Peers that were cut off since they read too slowly."
    refused: int = 0
    "Connections over a limit."
