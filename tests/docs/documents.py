"""Which documents there are, and which commands stand in them."""
import glob
import os
import re

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATTERNS = ["*.md", "docs/*.md", "docs/man/*.[0-9]", "tests/README.md", "tests/*/README.md", "benches/*/README.md"]

# What a piece of inline code begins with if it is a command, after variables.
COMMAND = re.compile(
    r"(?:[A-Z_]+=\S+ )*(?:make|ctest|cargo|with-oxlws|oxlws-doctor|apt|apt-get|dpkg|sudo|systemctl|man|python3|cmake|grep|ulimit"
    r"|curl --|openssl s_|nghttp -|[\w.]+(?:/[\w.-]+)*/[\w-]+\.(?:py|sh) )(?: .*|$)")
FENCE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)


def all_documents():
    """Paths relative to the source folder. docs/api is generated and has no commands."""
    found = []
    for pattern in PATTERNS:
        found += sorted(glob.glob(os.path.join(SOURCE, pattern)))
    return [os.path.relpath(path, SOURCE) for path in found]


def text_of(document):
    with open(os.path.join(SOURCE, document), encoding="utf-8") as file:
        return file.read()


def prose(document):
    """The text without fenced blocks, and the pieces of inline code in it."""
    if not document.endswith(".md"):
        return []
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", text_of(document)))


def commands(document):
    """Commands that stand in the prose of a document."""
    return [piece for piece in prose(document) if COMMAND.fullmatch(piece)]
