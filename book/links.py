"""A preprocessor of mdBook: links that leave docs/ lead to the repository.

The address is `git-repository-url` of `[output.html]`. Without one, the links stay as they are.
"""

import json
import posixpath
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\((\.\./[^)\s#]*)")


def rewritten(content, folder, repository):
    """The text of a page in a folder of the project, with absolute links."""

    def absolute(match):
        path = posixpath.normpath(posixpath.join(folder, match[1]))
        if path == "docs" or path.startswith("docs/"):
            return match[0]
        kind = "tree" if (PROJECT / path).is_dir() else "blob"
        return f"]({repository}/{kind}/HEAD/{path}"

    return LINK.sub(absolute, content)


def rewrite(items, repository):
    """Rewrites the pages among these items of a book, and those below them."""
    for item in items:
        # Separators and headings of parts are no chapters.
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            folder = posixpath.join("docs", posixpath.dirname(chapter["source_path"] or ""))
            chapter["content"] = rewritten(chapter["content"], folder, repository)
            rewrite(chapter["sub_items"], repository)


def main():
    if sys.argv[1:2] == ["supports"]:
        return  # Every renderer.
    context, book = json.load(sys.stdin)
    repository = context["config"].get("output", {}).get("html", {}).get("git-repository-url")
    if repository:
        rewrite(book["items"], repository.rstrip("/"))
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    main()
