#include "audit/checkpoint.hpp"

#include <algorithm>
#include <charconv>

namespace wardex::audit {
namespace {

/// The words of a text, line by line.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  /// The next line, or an empty one after the last.
  std::string_view next() {
    const auto end = rest_.find('\n');
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }
  /// What follows "KEY " on the next line, if that is what it says.
  std::string_view value(std::string_view key) {
    const auto line = next();
    return line.starts_with(key) && line.substr(key.size()).starts_with(' ') ? line.substr(key.size() + 1)
                                                                             : std::string_view();
  }

 private:
  std::string_view rest_;
};

bool all_of(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::optional<std::int64_t> row_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain = error == std::errc{} && end == text.data() + text.size() && value > 0 && text.front() != '0';
  return plain ? std::optional(value) : std::nullopt;
}

std::optional<std::string> row_hash(std::string_view text) {
  return text.size() == 64 && all_of(text, "0123456789abcdef") ? std::optional(std::string(text)) : std::nullopt;
}

/// A time as the gateway writes it, no other spelling: it is signed.
std::optional<WallTime> time(std::string_view text) {
  const auto at = from_iso(text);
  return at && to_iso(*at) == text ? at : std::nullopt;
}

std::optional<store::Horizon> horizon(std::string_view text) {
  const auto first = text.find(' ');
  const auto second = text.find(' ', std::min(first, text.size() - 1) + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const auto row = row_number(text.substr(0, first));
  const auto hash = row_hash(text.substr(first + 1, second - first - 1));
  const auto at = time(text.substr(second + 1));
  if (!row || !hash || !at) return std::nullopt;
  return store::Horizon{*row, *hash, *at};
}

}  // namespace

std::string signer_name(std::string_view instance) { return std::string(kSignerPrefix) + std::string(instance); }

std::string checkpoint_text(const store::ChainHead& head) {
  std::string out = signer_name(head.instance) + "\n";
  out.append(kPurpose).append("\nrow ").append(std::to_string(head.row));
  out.append("\nhash ").append(head.hash).append("\nat ").append(to_iso(head.at)).append("\n");
  if (head.pruned.row > 0) {
    out.append("pruned ").append(std::to_string(head.pruned.row)).append(" ").append(head.pruned.hash);
    out.append(" ").append(to_iso(head.pruned.at)).append("\n");
  }
  return out;
}

std::variant<store::ChainHead, std::string> parse_checkpoint_text(std::string_view text) {
  Lines lines(text);
  store::ChainHead head;
  const auto signer = lines.next();
  if (!signer.starts_with(kSignerPrefix)) return "is not of a wardex-gateway";
  head.instance = signer.substr(kSignerPrefix.size());
  if (head.instance.empty() || head.instance.size() > 64 || !all_of(head.instance, "0123456789abcdef"))
    return "does not name a gateway";
  if (lines.next() != kPurpose) return "is no audit checkpoint";
  const auto row = row_number(lines.value("row"));
  if (!row) return "names no row";
  const auto hash = row_hash(lines.value("hash"));
  if (!hash) return "has no hash";
  const auto at = time(lines.value("at"));
  if (!at) return "has no time";
  head.row = *row;
  head.hash = *hash;
  head.at = *at;
  if (const auto pruned = lines.value("pruned"); !pruned.empty()) {
    const auto found = horizon(pruned);
    if (!found) return "says what was pruned in a way that cannot be read";
    if (found->row >= head.row) return "says that its own row was pruned";
    head.pruned = *found;
  }
  return head;
}

std::string sign_checkpoint(const store::ChainHead& head, const SigningKey& key) {
  return sign_note(checkpoint_text(head), signer_name(head.instance), key);
}

std::variant<Checkpoint, std::string> parse_checkpoint(std::string_view note) {
  auto parsed = parse_note(note);
  if (auto* why = std::get_if<std::string>(&parsed)) return std::move(*why);
  Checkpoint out;
  out.note = std::move(std::get<Note>(parsed));
  auto head = parse_checkpoint_text(out.note.text);
  if (auto* why = std::get_if<std::string>(&head)) return std::move(*why);
  out.head = std::move(std::get<store::ChainHead>(head));
  return out;
}

}  // namespace wardex::audit
