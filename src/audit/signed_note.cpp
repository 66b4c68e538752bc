#include "audit/signed_note.hpp"

#include <algorithm>

#include "wardex/crypto.hpp"
#include "wardex/text.hpp"

namespace wardex::audit {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a space
constexpr char kEd25519 = '\x01';

std::string_view bytes_of(const auto& array) { return {reinterpret_cast<const char*>(array.data()), array.size()}; }

/// Spaces of Unicode beyond ASCII are not looked for: our names are ASCII, and others' need not be understood.
bool is_name(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c == '+'; });
}

/// Standard Base64 in its one canonical form.
std::optional<std::string> strict_base64(std::string_view text) {
  auto bytes = base64_decode(text);
  return bytes && base64(*bytes) == text ? bytes : std::nullopt;
}

std::optional<NoteSignature> read_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_name(line.substr(0, space))) return std::nullopt;
  const auto bytes = strict_base64(line.substr(space + 1));
  NoteSignature out;
  if (!bytes || bytes->size() <= out.key.size()) return std::nullopt;
  out.name = line.substr(0, space);
  std::copy_n(bytes->begin(), out.key.size(), out.key.begin());
  out.signature = bytes->substr(out.key.size());
  return out;
}

bool is_signed_by(const Note& note, const NoteSignature& signature, const PublicKey& key) {
  Signature bytes{};
  if (signature.signature.size() != bytes.size()) return false;
  std::copy(signature.signature.begin(), signature.signature.end(), bytes.begin());
  return verify_signature(key, note.text, bytes);
}

}  // namespace

KeyId key_id(std::string_view name, const PublicKey& key) {
  std::string bytes(name);
  bytes += '\n';
  bytes += kEd25519;
  bytes += bytes_of(key);
  const auto hash = sha256(bytes);
  KeyId out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

std::string to_string(const KeyId& id) { return hex(bytes_of(id)); }

std::variant<Note, std::string> parse_note(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) return "is longer than " + std::to_string(kMaxNoteBytes) + " bytes";
  if (!text::is_valid_utf8(bytes)) return "is not valid UTF-8";
  if (std::any_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; }))
    return "has a control character";
  const auto blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos || blank == 0) return "has no blank line between a text and its signatures";
  Note note;
  note.text = bytes.substr(0, blank + 1);
  for (auto rest = bytes.substr(blank + 2); !rest.empty();) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return "does not end in a line end";
    auto signature = read_signature(rest.substr(0, end));
    if (!signature) return "has a line that is no signature";
    if (note.signatures.size() == kMaxNoteSignatures) return "has too many signatures";
    note.signatures.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  if (note.signatures.empty()) return "has no signature";
  return note;
}

std::string sign_note(std::string_view text, std::string_view name, const SigningKey& key) {
  const auto id = key_id(name, key.public_key());
  std::string bytes(bytes_of(id));
  bytes += bytes_of(key.sign(text));
  std::string out(text);
  out.append("\n").append(kDash).append(name).append(" ").append(base64(bytes)).append("\n");
  return out;
}

CheckedNote check_note(const Note& note, std::string_view name, const std::vector<VerifierKey>& keys) {
  CheckedNote out;
  for (const auto& signature : note.signatures) {
    if (signature.name != name) continue;
    if (out.key.empty()) out.key = signature.name + "+" + to_string(signature.key);
    for (const auto& key : keys) {
      if ((!key.name.empty() && key.name != name) || key_id(name, key.key) != signature.key) continue;
      // One bad signature by a key that is known condemns the note, whatever else is on it.
      return {is_signed_by(note, signature, key.key) ? NoteCheck::good : NoteCheck::forged,
              signature.name + "+" + to_string(signature.key)};
    }
  }
  return out;
}

std::string verifier_key(std::string_view name, const PublicKey& key) {
  std::string bytes(1, kEd25519);
  bytes += bytes_of(key);
  return std::string(name) + "+" + to_string(key_id(name, key)) + "+" + base64(bytes);
}

std::optional<VerifierKey> read_verifier_key(std::string_view line) {
  const auto first = line.find('+');
  const auto second = first == std::string_view::npos ? first : line.find('+', first + 1);
  if (second == std::string_view::npos || !is_name(line.substr(0, first))) return std::nullopt;
  const auto bytes = strict_base64(line.substr(second + 1));
  VerifierKey out;
  if (!bytes || bytes->size() != out.key.size() + 1 || bytes->front() != kEd25519) return std::nullopt;
  std::copy(bytes->begin() + 1, bytes->end(), out.key.begin());
  out.name = line.substr(0, first);
  if (to_string(key_id(out.name, out.key)) != line.substr(first + 1, second - first - 1)) return std::nullopt;
  return out;
}

}  // namespace wardex::audit
