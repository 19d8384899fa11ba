import sys

from textkit import main

sys.exit(main(sys.argv[1:]))
