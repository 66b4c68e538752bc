#include "audit/verify.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <stdexcept>
#include <utility>

#include "audit/row_judge.hpp"
#include "audit/trail_file.hpp"

namespace wardex::audit {
namespace {

/// What was signed about one row.
struct Voucher {
  store::ChainHead head;
  std::string key;
  bool is_anchor = false;
  bool is_proven = true;  ///< false: by a key that was not given, so that only a contradiction means something
  [[nodiscard]] std::string name() const {
    return (is_anchor ? "the anchor of " : "the checkpoint of ") + to_iso(head.at);
  }
};

/// Rows and what was signed about them, both oldest first, side by side.
class Verification {
 public:
  Verification(TrailFile& file, const VerifyOptions& options)
      : file_(file), options_(options), start_(file.start()), horizon_(start_.horizon) {}

  VerifyReport run() {
    report_.pruned = horizon_;
    end_ = {horizon_.row, horizon_.hash};
    hear_the_newest();
    take_anchors();
    speak_of_the_pruned();
    file_.for_each_row(1, 0, [this](const RowOrProblem& next) { return visit(next); });
    if (!broken_) speak_of_the_missing();
    judge_horizon();
    report_.head_id = end_.id;
    report_.head_hash = end_.hash;
    report_.ok = report_.findings.empty();
    return std::move(report_);
  }
  /// Retention may remove rows of a live database while they are being read.
  [[nodiscard]] bool horizon_moved() { return file_.start().horizon != horizon_; }

 private:
  void hear_the_newest();
  void take_anchors();
  void speak_of_the_pruned();
  bool visit(const RowOrProblem& next);
  void compare(const Voucher& voucher, const std::string& hash);
  void speak_of_the_missing();
  void judge_horizon();
  /// The next thing signed about a row up to `row`, oldest first.
  std::optional<Voucher> next_upto(std::int64_t row);
  std::optional<Voucher> next_checkpoint_upto(std::int64_t row);
  std::optional<Voucher> check(const Checkpoint& checkpoint, bool is_anchor, const std::string& what);
  [[nodiscard]] std::int64_t last_checkpoint() const {
    return start_.newest_checkpoint ? start_.newest_checkpoint->row : 0;
  }
  void find(Flaw flaw, std::int64_t row, std::string message) {
    report_.findings.push_back({flaw, row, std::move(message)});
  }

  TrailFile& file_;
  const VerifyOptions& options_;
  const TrailFile::Start start_;
  const store::Horizon horizon_;
  VerifyReport report_;
  ChainEnd end_;
  bool broken_ = false;     ///< the chain ends with a row that does not hold
  bool rewritten_ = false;  ///< one is enough: all later ones differ as well
  bool horizon_vouched_ = false;
  bool horizon_unchecked_ = false;
  std::string restored_;  ///< what the trail says of a restore, for an explanation
  std::deque<Voucher> anchors_;
  std::deque<StoredCheckpoint> checkpoints_;
  std::int64_t read_upto_ = 0;
};

/// nullopt: nothing that can be compared; what is wrong with it is noted.
std::optional<Voucher> Verification::check(const Checkpoint& checkpoint, bool is_anchor, const std::string& what) {
  const auto& head = checkpoint.head;
  const auto checked = check_note(checkpoint.note, signer_name(head.instance), options_.keys);
  const auto same_horizon = head.pruned.row == horizon_.row && head.pruned.hash == horizon_.hash;
  switch (checked.check) {
    case NoteCheck::good:
      horizon_vouched_ = horizon_vouched_ || same_horizon;
      return Voucher{head, checked.key, is_anchor, true};
    case NoteCheck::forged:
      find(Flaw::forged, head.row, what + " is forged: the signature of " + checked.key + " is not over this text");
      return std::nullopt;
    case NoteCheck::unknown:
      break;
  }
  if (is_anchor || options_.only_these_keys) {
    find(Flaw::unknown_key, head.row,
         what + " is signed by " + (checked.key.empty() ? "nobody known" : checked.key) +
             ", which is none of the keys: give its public key (--key) if it was this gateway's once");
    return std::nullopt;
  }
  ++report_.unchecked;
  horizon_unchecked_ = horizon_unchecked_ || same_horizon;
  return Voucher{head, checked.key, false, false};
}

/// What it says of the horizon is heard now: retention may have put a newer one in its place when its row comes.
void Verification::hear_the_newest() {
  if (!start_.newest_checkpoint) return;
  const auto parsed = parse_checkpoint(start_.newest_checkpoint->note);
  const auto* newest = std::get_if<Checkpoint>(&parsed);
  if (newest == nullptr || newest->head.instance != start_.instance) return;
  if (newest->head.pruned.row != horizon_.row || newest->head.pruned.hash != horizon_.hash) return;
  const auto checked = check_note(newest->note, signer_name(start_.instance), options_.keys).check;
  horizon_vouched_ = checked == NoteCheck::good;
  horizon_unchecked_ = checked == NoteCheck::unknown;
}

void Verification::take_anchors() {
  for (const auto& anchor : options_.anchors) {
    const auto& head = anchor.checkpoint.head;
    if (head.instance != start_.instance) {
      ++report_.foreign_anchors;
      continue;
    }
    const auto what = "the anchor of " + to_iso(head.at) + " (row " + std::to_string(head.row) + ") in " + anchor.file;
    if (auto voucher = check(anchor.checkpoint, true, what)) anchors_.push_back(std::move(*voucher));
  }
  if (options_.with_anchors && report_.foreign_anchors == options_.anchors.size())
    find(Flaw::no_anchor, 0, "there is no anchor of this gateway (" + start_.instance + ") in what was given");
}

std::optional<Voucher> Verification::next_checkpoint_upto(std::int64_t row) {
  row = std::min(row, last_checkpoint());
  for (;;) {
    if (checkpoints_.empty() && read_upto_ < row) {
      checkpoints_ = file_.checkpoints_after(read_upto_);
      read_upto_ = checkpoints_.empty() ? last_checkpoint() : checkpoints_.back().row;
    }
    if (checkpoints_.empty() || checkpoints_.front().row > row) return std::nullopt;
    const auto stored = std::move(checkpoints_.front());
    checkpoints_.pop_front();
    const auto what = "the checkpoint of row " + std::to_string(stored.row);
    const auto parsed = parse_checkpoint(stored.note);
    if (const auto* why = std::get_if<std::string>(&parsed)) {
      find(Flaw::forged, stored.row, what + " was changed: its note " + *why);
      continue;
    }
    const auto& checkpoint = std::get<Checkpoint>(parsed);
    if (checkpoint.head.row != stored.row || checkpoint.head.instance != start_.instance) {
      find(Flaw::forged, stored.row, what + " was changed: its note is another's");
      continue;
    }
    if (auto voucher = check(checkpoint, false, what)) return voucher;
  }
}

std::optional<Voucher> Verification::next_upto(std::int64_t row) {
  if (auto checkpoint = next_checkpoint_upto(row)) return checkpoint;
  if (anchors_.empty() || anchors_.front().head.row > row) return std::nullopt;
  auto anchor = std::move(anchors_.front());
  anchors_.pop_front();
  return anchor;
}

void Verification::speak_of_the_pruned() {
  while (const auto voucher = next_upto(horizon_.row)) {
    if (voucher->head.row == horizon_.row)
      compare(*voucher, horizon_.hash);
    else if (voucher->is_anchor)
      ++report_.pruned_anchors;
  }
}

bool Verification::visit(const RowOrProblem& next) {
  if (auto finding = judge_row(end_, next)) {
    report_.findings.insert(report_.findings.begin(), std::move(*finding));
    broken_ = true;
    return false;
  }
  if (report_.rows++ == 0) report_.first_id = next.id;
  end_ = {next.id, next.row->hash};
  report_.head_at = to_iso(next.row->at);
  if (next.row->action == "restore")
    restored_ = "; row " + std::to_string(next.id) + " records that a backup was restored at " + report_.head_at;
  while (const auto voucher = next_upto(next.id)) compare(*voucher, next.row->hash);
  return true;
}

void Verification::compare(const Voucher& voucher, const std::string& hash) {
  if (voucher.head.hash == hash) {
    if (!voucher.is_proven) return;
    ++(voucher.is_anchor ? report_.anchors : report_.checkpoints);
    (voucher.is_anchor ? report_.newest_anchor : report_.newest_checkpoint) = {voucher.head.row,
                                                                               to_iso(voucher.head.at), voucher.key};
    return;
  }
  if (std::exchange(rewritten_, true)) return;
  const auto row = std::to_string(voucher.head.row);
  const auto holds = std::max(report_.newest_anchor.row, report_.newest_checkpoint.row);
  find(Flaw::rewritten, voucher.head.row,
       "row " + row + " has another hash than " + voucher.name() +
           " signed: the database was rolled back to an older copy and continued, or rewritten, after row " +
           std::to_string(std::max(holds, horizon_.row)) + restored_);
}

/// What was signed about rows that are not there.
void Verification::speak_of_the_missing() {
  std::optional<Voucher> newest;
  while (auto voucher = next_upto(std::numeric_limits<std::int64_t>::max())) {
    if (!newest || voucher->head.row >= newest->head.row) newest = std::move(voucher);
  }
  if (!newest) return;
  find(Flaw::truncated, end_.id + 1,
       newest->name() + " speaks of row " + std::to_string(newest->head.row) + ", the database ends at " +
           std::to_string(end_.id) + ": its newest rows were cut off, or it was replaced by an older copy" + restored_);
}

void Verification::judge_horizon() {
  if (horizon_.row == 0 || horizon_vouched_) return;
  if (horizon_unchecked_ && !options_.only_these_keys) return;
  find(Flaw::deleted, 1,
       "rows 1 to " + std::to_string(horizon_.row) +
           " are missing, and no checkpoint that can be verified says that retention removed them");
}

VerifyReport unreadable(std::string why) {
  VerifyReport report;
  report.findings.push_back({Flaw::unreadable, 0, std::move(why)});
  return report;
}

}  // namespace

std::string_view to_string(Flaw flaw) {
  switch (flaw) {
    case Flaw::none:
      return "none";
    case Flaw::unreadable:
      return "unreadable";
    case Flaw::edited:
      return "edited";
    case Flaw::deleted:
      return "deleted";
    case Flaw::inserted:
      return "inserted";
    case Flaw::reordered:
      return "reordered";
    case Flaw::replaced:
      return "replaced";
    case Flaw::truncated:
      return "truncated";
    case Flaw::rewritten:
      return "rewritten";
    case Flaw::forged:
      return "forged";
    case Flaw::unknown_key:
      return "unknown_key";
    case Flaw::no_anchor:
      return "no_anchor";
  }
  return "none";
}

VerifyReport verify(const std::filesystem::path& database, const VerifyOptions& options) {
  constexpr int kTries = 5;
  auto opened = TrailFile::open(database);
  if (auto* why = std::get_if<std::string>(&opened)) return unreadable(std::move(*why));
  auto& file = std::get<TrailFile>(opened);
  try {
    for (int tries = 1;; ++tries) {
      Verification verification(file, options);
      auto report = verification.run();
      if (report.ok || tries == kTries || !verification.horizon_moved()) return report;
    }
  } catch (const std::runtime_error& failure) {
    return unreadable(database.string() + ": " + failure.what());
  }
}

}  // namespace wardex::audit
