"""Results as a table on the terminal, as data, and as docs/performance.md."""

import json
from dataclasses import asdict
from pathlib import Path
from string import Template

from runner import fleet

HERE = Path(__file__).resolve().parent.parent
TEMPLATE = HERE / "performance.md.in"


def rows_of(entry):
    """One row a goal: work, goal, figure, verdict. A scenario without goals has none."""
    return [(entry["work"] if number == 0 else "", finding["goal"], finding["figure"], finding["verdict"])
            for number, finding in enumerate(entry["findings"])]


def entry_of(result, **about):
    """A result as plain data; `about` says when, where and how it was measured."""
    return {"scenario": result.scenario, "work": result.work, "figures": result.figures, "notes": result.notes,
            "medians": result.medians, **about,
            "findings": [{**asdict(finding), "verdict": finding.verdict()} for finding in result.findings]}


def aligned(header, rows):
    """Columns for a terminal."""
    lines = [header, *rows]
    widths = [max(len(str(line[i])) for line in lines) for i in range(len(header))]
    return "\n".join("  ".join(str(cell).ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows])


def terminal(entries):
    parts = []
    for entry in entries:
        parts.append(f"{entry['scenario']}: {entry['work']}")
        if entry["figures"]:
            header = list(entry["figures"][0])
            parts.append(aligned(header, [[row.get(key, "") for key in header] for row in entry["figures"]]))
        if entry["findings"]:
            parts.append(aligned(("GOAL", "FIGURE", ""), [row[1:] for row in rows_of(entry)]))
        parts += [f"note: {note}" for note in entry["notes"]]
        parts.append("")
    return "\n".join(parts)


def table(rows):
    return markdown(list(rows[0]), [row.values() for row in rows]) if rows else "Not measured yet."


def page(entries):
    """docs/performance.md from the last results of all scenarios, in the order of the table."""
    goals = [row for entry in entries for row in rows_of(entry)]
    sections = []
    for entry in entries:
        lines = [f"### {entry['scenario']}: {entry['work']}", "", f"{entry['date']}, commit {entry['commit']}: "
                 f"`{entry['command']}`", ""]
        if entry["figures"]:
            lines += [table(entry["figures"]), ""]
        lines += [f"- {note}" for note in entry["notes"]]
        sections.append("\n".join(lines).rstrip() + "\n")
    machines = sorted({entry["machine"] for entry in entries})
    versions = sorted({version for entry in entries for version in entry["versions"]})
    return Template(TEMPLATE.read_text()).substitute(
        machines="\n".join(f"- {machine}" for machine in machines), versions="\n".join(f"- {one}" for one in versions),
        goals=markdown(("work", "goal", "figure", ""), goals), sections="\n".join(sections), fleet=table(fleet.rows(entries)),
        target=f"{fleet.TARGET:,}".replace(",", " "), in_use=f"{fleet.IN_USE:.0%}")


class Last:
    """The last result of every scenario, kept beside the page that is made from it."""

    def __init__(self, file: Path):
        self.file = file
        self.entries = json.loads(file.read_text()) if file.exists() else {}

    def put(self, entry):
        self.entries[entry["scenario"]] = entry

    def write(self, order):
        self.entries = {name: self.entries[name] for name in order if name in self.entries}
        self.file.write_text(json.dumps(self.entries, indent=1, ensure_ascii=False) + "\n")
        return list(self.entries.values())
