"""``python build.py`` renders the templates; ``python build.py --help`` lists what else there is."""

from stacks.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
