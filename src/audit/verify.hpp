// Checks the audit trail of a database, offline: on a copy, a backup, or the live file. Reads row by row. The chain
// shows what was changed, removed or moved between rows; the database's own checkpoints show a chain that was
// recomputed; and anchors, kept elsewhere, show that the newest rows were cut off or the whole file was replaced.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/anchors.hpp"
#include "audit/signing_key.hpp"
#include "store/chain_head.hpp"

namespace wardex::audit {

enum class Flaw : std::uint8_t {
  none,
  unreadable,   ///< the file itself
  edited,       ///< a row's content is not what was hashed
  deleted,      ///< rows are missing, and no signed statement says that retention removed them
  inserted,     ///< a row stands where the trail has none
  reordered,    ///< a row is one that stood elsewhere
  replaced,     ///< a row does not continue the one before it
  truncated,    ///< the newest rows are missing
  rewritten,    ///< rolled back and continued, or recomputed: a row is not the one that was signed
  forged,       ///< a signed statement is not by the key it claims
  unknown_key,  ///< a signed statement is by none of the keys
  no_anchor,    ///< of the anchors given none is this gateway's
};
std::string_view to_string(Flaw flaw);

struct Finding {
  Flaw flaw = Flaw::none;
  std::int64_t row = 0;  ///< the first row that does not hold; 0: it is not about a row
  std::string message;   ///< "row 17 was changed: ..."
};

struct VerifyOptions {
  std::vector<VerifierKey> keys;
  /// True: what none of the keys signed is a problem. False: of the database's own checkpoints it is merely counted,
  /// for they may be by a key that was replaced since.
  bool only_these_keys = false;
  bool with_anchors = false;  ///< having none to compare with is a finding
  std::vector<Anchor> anchors;
};

/// A checkpoint or an anchor that holds.
struct Vouched {
  std::int64_t row = 0;  ///< 0: none does
  std::string at;
  std::string key;
};

struct VerifyReport {
  bool ok = false;
  std::vector<Finding> findings;  ///< the most telling first
  std::uint64_t rows = 0;         ///< rows that were checked and hold
  std::int64_t first_id = 0;
  std::int64_t head_id = 0;  ///< last row that holds
  std::string head_hash;
  std::string head_at;
  store::Horizon pruned;  ///< what retention removed before the first row

  std::uint64_t checkpoints = 0;  ///< the database's own that hold
  std::uint64_t unchecked = 0;    ///< ... and those by keys that were not given
  Vouched newest_checkpoint;
  std::uint64_t anchors = 0;  ///< given that hold
  std::uint64_t pruned_anchors = 0;
  std::uint64_t foreign_anchors = 0;  ///< of other gateways: passed over
  Vouched newest_anchor;

  /// For a one-line answer; empty when ok.
  [[nodiscard]] std::string problem() const { return findings.empty() ? std::string() : findings.front().message; }
  [[nodiscard]] std::int64_t bad_row() const { return findings.empty() ? 0 : findings.front().row; }
  [[nodiscard]] Flaw flaw() const { return findings.empty() ? Flaw::none : findings.front().flaw; }
};

VerifyReport verify(const std::filesystem::path& database, const VerifyOptions& options = {});

}  // namespace wardex::audit
