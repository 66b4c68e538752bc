// tests/data/NAME.json -> tests/data/NAME.event.json. WARDEX_UPDATE_GOLDEN=1 writes the latter anew: read the diff.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/normalise/reading.hpp"

namespace wardex::normalise {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string slurp(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

class Golden : public testing::TestWithParam<fs::path> {};

std::vector<fs::path> samples() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fs::path(WARDEX_SOURCE_DIR) / "tests" / "data"))
    if (entry.path().extension() == ".json" && entry.path().stem().extension() != ".event") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

TEST_P(Golden, Event) {
  auto golden = GetParam();
  golden.replace_extension(".event.json");
  const auto text = slurp(GetParam());
  const auto event = event_of(text);
  EXPECT_EQ(event.original, text);
  const auto got = to_json(event).dump(2) + "\n";
  if (std::getenv("WARDEX_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << got;
  EXPECT_EQ(got, slurp(golden)) << golden;
}

TEST_P(Golden, IsRestoredFromItsBytes) {
  const auto text = slurp(GetParam());
  const auto event = event_of(text);
  EXPECT_EQ(whole(restore(text, event.id, event.case_id, test_options())), whole(event));
}

/// What we send on in canonical form comes back as the same event: gateways may be chained.
TEST_P(Golden, SurvivesItsOwnCanonicalForm) {
  const auto event = event_of(slurp(GetParam()));
  auto canonical = to_json(event);
  auto again = to_json(event_of(canonical.dump()));
  // Sender and reception are the next gateway's to say; the former ones are labels there.
  again["labels"].erase("origin");
  again["labels"].erase("received_at");
  if (again["labels"].empty()) again.erase("labels");
  EXPECT_EQ(again, canonical);
}

INSTANTIATE_TEST_SUITE_P(Data, Golden, testing::ValuesIn(samples()), [](const auto& sample) {
  auto name = sample.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace wardex::normalise
