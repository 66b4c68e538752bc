"""Dependencies point one way (docs/explanation/architecture.md); a folder includes only what its row allows."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# stage -> stages it may include; the SDK ("wardex/...") and itself go without saying.
ALLOWED = {
    "sdk": set(),
    "runtime": set(),
    "config": set(),
    "normalise": set(),
    "route": {"config"},
    "store": set(),
    "audit": {"store"},
    "transport": {"runtime"},
    "deliver": {"store", "transport", "runtime"},
    "intake": {"config", "normalise", "route", "store", "transport", "runtime"},
    "api": {"config", "deliver", "intake", "normalise", "route", "store", "transport", "runtime"},
    "app": {"api", "audit", "config", "deliver", "intake", "normalise", "route", "store", "transport", "runtime"},
    "cli": {"app", "api", "audit", "config", "deliver", "intake", "normalise", "route", "store", "transport", "runtime"},
}
# Who may include a third-party library at all.
LIBRARIES = {
    "boost/beast": {"transport"},
    "boost/asio": {"runtime", "transport", "deliver", "intake", "api", "app"},
    "sqlite3": {"store", "audit"},
    "yaml-cpp": {"config"},
    "spdlog": {"runtime"},
    "re2": {"route"},
    "openssl": {"sdk", "transport", "store", "audit", "config", "intake"},
    "CLI/": {"cli"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)


def includes(path):
    return INCLUDE.findall(path.read_text())


def sources(folder):
    return [p for p in sorted((ROOT / folder).rglob("*")) if p.suffix in (".cpp", ".hpp")]


class Structure(unittest.TestCase):
    def test_every_stage_is_listed(self):
        self.assertEqual({p.name for p in (ROOT / "src").iterdir() if p.is_dir()}, set(ALLOWED))

    def test_stages_include_only_what_they_may_know(self):
        bad = []
        for stage, allowed in ALLOWED.items():
            for path in sources(f"src/{stage}"):
                for include in includes(path):
                    first = include.split("/")[0]
                    if first in ALLOWED and first != stage and first not in allowed:
                        bad.append(f"{path.relative_to(ROOT)}: {include}")
        self.assertEqual(bad, [])

    def test_libraries_stay_in_their_rooms(self):
        bad = []
        for path in sources("src") + sources("include") + sources("connectors"):
            relative = path.relative_to(ROOT)
            room = relative.parts[1] if relative.parts[0] == "src" else relative.parts[0]
            for include in includes(path):
                for library, rooms in LIBRARIES.items():
                    if include.startswith(library) and room not in rooms:
                        bad.append(f"{relative}: {include}")
        self.assertEqual(bad, [])

    def test_connectors_know_the_sdk_only(self):
        bad = []
        for path in sources("connectors"):
            if path.name.endswith("_test.cpp"):
                continue
            for include in includes(path):
                first = include.split("/")[0]
                if first in ALLOWED or first == "boost":
                    bad.append(f"{path.relative_to(ROOT)}: {include}")
        self.assertEqual(bad, [])

    def test_connectors_are_pure(self):
        forbidden = re.compile(r"\b(getenv|system_clock|steady_clock::now|std::ifstream|std::ofstream|::open\(|socket\(|"
                               r"std::random_device|sleep_for|std::thread|printf\(|std::cerr|std::cout)")
        bad = [f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
               for path in sources("connectors") if not path.name.endswith("_test.cpp")
               for number, line in enumerate(path.read_text().splitlines(), 1) if forbidden.search(line)]
        self.assertEqual(bad, [])

    def test_names_say_something(self):
        bad = [str(p.relative_to(ROOT)) for folder in ("src", "include", "connectors", "tests") for p in (ROOT / folder).rglob("*")
               if "node_modules" not in p.parts and re.fullmatch(r"(util|utils|common|helpers?|manager|misc)s?", p.stem)]
        self.assertEqual(bad, [])

    def test_every_connector_has_its_folder_whole(self):
        for folder in sorted((ROOT / "connectors").iterdir()):
            if folder.is_dir():
                self.assertTrue((folder / "README.md").is_file(), folder)
                self.assertTrue(list(folder.glob("golden/*")), folder)
                self.assertTrue(list(folder.glob("*_test.cpp")), folder)

    def test_log_events_are_documented(self):
        codes, literals = set(), set()
        for path in sources("src"):
            literals |= set(re.findall(r'"([a-z_]+\.[a-z_.]+)"', path.read_text()))
            codes |= set(re.findall(r'log::(?:debug|info|warning|error)\(\s*"([a-z_]+\.[a-z_.]+)"', path.read_text()))
        page = (ROOT / "docs/reference/log-events.md").read_text()
        documented = set(re.findall(r"^\| `([a-z_.]+)` ", page, re.M))
        self.assertEqual(codes - documented, set(), "log events without a row in docs/reference/log-events.md")
        self.assertEqual(documented - literals, set(), "rows of docs/reference/log-events.md that nothing logs")

    def test_metrics_are_documented(self):
        exposed = set(re.findall(r'e\.family\("([a-z_]+)"', (ROOT / "src/api/metrics.cpp").read_text()))
        documented = set(re.findall(r"^\| `wardex_gateway_([a-z_]+)` ", (ROOT / "docs/reference/metrics.md").read_text(), re.M))
        self.assertEqual(exposed, documented)

    def test_links_between_documents_lead_somewhere(self):
        bad = []
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "connectors").glob("*/README.md")]:
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
                if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                    bad.append(f"{page.relative_to(ROOT)}: {target}")
        self.assertEqual(bad, [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
