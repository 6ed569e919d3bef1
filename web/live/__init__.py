"""Live screens: a commit rings the bell, the hub wakes who watches, a socket sends the region again.

The bell says only "the diary of shop 1 is at 4711". What a screen shows is always rendered from the
database, once for all who watch the same region in the same language with the same rights.
"""

from web.live.bell import Bell, bell_for
from web.live.hub import Hub, Line, the_hub
from web.live.install import hang, install, leave
from web.live.regions import Region, Rendered, region
from web.live.sockets import serve_region

__all__ = [
    "Bell",
    "Hub",
    "Line",
    "Region",
    "Rendered",
    "bell_for",
    "hang",
    "install",
    "leave",
    "region",
    "serve_region",
    "the_hub",
]
