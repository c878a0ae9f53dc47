"""`python -m app.notebooks`: the notebooks' origin, as the supervisor starts it."""

import sys

from app.notebooks.serve import main

if __name__ == "__main__":
    sys.exit(main())
