// Signed notes as C2SP defines them (c2sp.org/signed-note): a text, a blank line, and lines "— NAME BASE64(key id ||
// signature)". Pure; only Ed25519 signatures are made and checked.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/signing_key.hpp"

namespace wardex::audit {

inline constexpr std::size_t kMaxNoteBytes = 16UL * 1024UL;
inline constexpr std::size_t kMaxNoteSignatures = 16;

/// The first bytes of SHA-256 over the signer's name, a line end, 0x01 (Ed25519) and the key: a hint, not a proof.
using KeyId = std::array<unsigned char, 4>;
KeyId key_id(std::string_view name, const PublicKey& key);
/// 8 hex digits.
std::string to_string(const KeyId& id);

struct NoteSignature {
  std::string name;
  KeyId key{};
  std::string signature;  ///< as many bytes as there are; Ed25519 has 64
};
struct Note {
  std::string text;  ///< ends in a line end; that is what is signed
  std::vector<NoteSignature> signatures;
};

/// Or what is wrong with it: its size, its text (UTF-8, no control characters), its signature lines.
std::variant<Note, std::string> parse_note(std::string_view bytes);

/// `text` ends in a line end; `name` has neither spaces nor '+'.
std::string sign_note(std::string_view text, std::string_view name, const SigningKey& key);

enum class NoteCheck {
  good,     ///< signed by one of the keys
  unknown,  ///< by none of them
  forged,   ///< claims to be by one of them, but is not over this text
};
struct CheckedNote {
  NoteCheck check = NoteCheck::unknown;
  std::string key;  ///< "NAME+1a2b3c4d": who signed it, or claims to have
};
/// Only signatures under `name` count.
CheckedNote check_note(const Note& note, std::string_view name, const std::vector<VerifierKey>& keys);

/// NAME+HASH+BASE64, the public form of a signer's key.
std::string verifier_key(std::string_view name, const PublicKey& key);
/// nullopt when `line` is none: wrong form, another algorithm, or a hash that does not fit.
std::optional<VerifierKey> read_verifier_key(std::string_view line);

}  // namespace wardex::audit
