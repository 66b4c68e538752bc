// Ed25519 keys: the one that signs checkpoints, and the public ones that checkpoints are verified with.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wardex/secret.hpp"

namespace wardex::audit {

using PublicKey = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;

/// A private key; never shown. Signing changes nothing in it, so any thread may sign.
class SigningKey {
 public:
  /// PEM, PKCS #8 ("BEGIN PRIVATE KEY"), not encrypted. Or why it is none, without a byte of it.
  static std::variant<SigningKey, std::string> from_pem(const Secret& pem);
  static SigningKey generate();

  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  [[nodiscard]] Signature sign(std::string_view bytes) const;
  [[nodiscard]] Secret pem() const;

 private:
  explicit SigningKey(std::shared_ptr<void> key);
  std::shared_ptr<void> key_;  // EVP_PKEY
  PublicKey public_{};
};

bool verify_signature(const PublicKey& key, std::string_view bytes, const Signature& signature);

/// PEM, "BEGIN PUBLIC KEY".
std::string public_pem(const PublicKey& key);

/// A public key that signatures are accepted from.
struct VerifierKey {
  PublicKey key{};
  std::string name;  ///< of the signer it belongs to; empty (from PEM): any
};
/// Every public key in `text`: PEM blocks, and verifier keys in the form of C2SP signed notes (NAME+HASH+BASE64), a
/// line each; other lines are passed over. Or what is wrong with one.
std::variant<std::vector<VerifierKey>, std::string> read_verifier_keys(std::string_view text);

}  // namespace wardex::audit
