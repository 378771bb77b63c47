"""Words that were probably meant, and how a wrong value is repeated: as the function does it."""

# How much of a wrong value is repeated, in characters: all of an ARN, whose end says what it names.
_SHOWN = 60
_SHOWN_OF_AN_ARN = 256


def scalar(value):
    """The text that CloudFormation sends for a scalar, or None for a map or a list."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def shown(value):
    """A wrong value as a message repeats it."""
    text = scalar(value)
    if text is None:
        return "a list" if isinstance(value, list) else "a map"
    if not isinstance(value, str):
        return text
    limit = _SHOWN_OF_AN_ARN if text.startswith("arn:") else _SHOWN
    return f'"{_visible(text[:limit])}{"…" if len(text) > limit else ""}"'


def _visible(text):
    """The text with every invisible character escaped, such as a line break or a zero-width space."""
    escapes = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(c if c.isprintable() else escapes.get(c, f"\\u{{{ord(c):x}}}") for c in text)


def did_you_mean(written, choices):
    """The one of `choices` that was probably meant, or None if none comes near."""
    near = [(_distance(written.lower(), choice.lower()), choice) for choice in choices]
    distance, best = min(near, default=(1, ""))
    return best if distance <= 1 + len(best) // 5 and best else None


def _distance(one, other):
    """How many letters to put in, take out, replace, or swap with the next one make `one` into `other`."""
    before, last = [], list(range(len(other) + 1))
    for i, letter in enumerate(one):
        row = [i + 1]
        for j, wanted in enumerate(other):
            row.append(min(last[j + 1] + 1, row[j] + 1, last[j] + (letter != wanted)))
            if i and j and letter == other[j - 1] and wanted == one[i - 1]:
                row[-1] = min(row[-1], before[j - 1] + 1)
        before, last = last, row
    return last[-1]
