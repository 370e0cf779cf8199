"""`python -m follicast`."""

import sys

from follicast.cli import main

sys.exit(main())
