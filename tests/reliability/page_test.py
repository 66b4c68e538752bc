"""The catalogue, the suites' files and docs/reliability.md speak of the same suites and figures."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

import catalogue
import figures
import page

ROOT = Path(__file__).resolve().parents[2]


class Reliability(unittest.TestCase):
    def test_every_suite_is_recorded_by_its_file_with_its_figures(self):
        for suite in catalogue.SUITES:
            file = ROOT / suite.where
            self.assertTrue(file.exists(), suite.where)
            text = "".join(p.read_text() for p in sorted(file.parent.glob("*" + file.suffix))
                           if file.suffix == ".cpp" or p == file)
            # A name may be made of a prefix and a word of a list.
            self.assertTrue(any(f'"{suite.name[:cut]}"' in text and (cut == len(suite.name) or f'"{suite.name[cut:]}"' in text)
                                for cut in range(1, len(suite.name) + 1)), f"{suite.where} does not record {suite.name}")
            for figure in suite.figures:
                stem = re.sub(r"_(refused|failing)$", "_{name}", figure.name)  # one code, two receivers
                self.assertTrue(re.search(rf'\b{figure.name}=|"{figure.name}"|"{re.escape(stem)}"', text),
                                f"{suite.where} does not measure {suite.name}.{figure.name}")

    def test_every_recorded_suite_is_in_the_catalogue(self):
        known = {suite.name for suite in catalogue.SUITES}
        for file in sorted((ROOT / "tests/e2e").glob("test_*.py")):
            for name in re.findall(r'figures\.record\(\s*"(\w+)"', file.read_text()):
                self.assertIn(name, known, file.name)

    def test_the_page_has_every_suite_and_figure_and_no_others(self):
        # Names only: the numbers are those of one run. An empty folder gives the frame of the page.
        text = (ROOT / "docs/reliability.md").read_text()
        sections = {title: body for title, body in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", text, re.M)}
        self.assertEqual(list(sections), [suite.title for suite in catalogue.SUITES],
                         "run ./dev reliability, or python3 tests/reliability/page.py build/reliability > docs/reliability.md")
        for suite in catalogue.SUITES:
            body = sections[suite.title]
            self.assertIn(suite.what, body, suite.name)
            rows = re.findall(r"^\| ([^|]+) \|", body, re.M)
            if "Not run." not in body:
                self.assertEqual(rows, [figure.words for figure in suite.figures], suite.name)

    def test_names_are_unique_and_bounds_can_be_read(self):
        names = [suite.name for suite in catalogue.SUITES]
        self.assertEqual(len(names), len(set(names)))
        for suite in catalogue.SUITES:
            of_suite = [figure.name for figure in suite.figures]
            self.assertEqual(len(of_suite), len(set(of_suite)), suite.name)
            self.assertFalse(set(of_suite) & set(figures.CONTEXT), suite.name)
            for figure in suite.figures:
                for bound in filter(None, (figure.bound, figure.quick)):
                    figures.holds(0, bound)

    def test_what_does_not_hold_or_did_not_run_is_said(self):
        first, second = catalogue.SUITES[:2]
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / f"{first.name}.json").write_text('{"kills": 1000, "lost": 1, "at": "2026-01-02"}')
            text = page.page(folder)
        self.assertIn("**1: not held**", text)
        self.assertIn("2026-01-02 | not held |", text)
        self.assertIn("not measured", text)
        self.assertIn("1 000", text)
        self.assertRegex(text, rf"\[{re.escape(second.title)}\]\(#[a-z-]+\) \|  \| not run \|")


if __name__ == "__main__":
    sys.exit(unittest.main())
