"""`python -m chimectl`."""

from chimectl import main

main()
