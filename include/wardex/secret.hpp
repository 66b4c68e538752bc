// A value that must never be shown: no operator<<, no JSON conversion, no operator==, wiped when destroyed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wardex {

/// What stands in every output where a secret would have been.
inline constexpr std::string_view kRedacted = "***";

/// Holds one credential. Reading it takes an explicit reveal(), which is easy to grep for in review.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept;
  Secret& operator=(const Secret&);
  Secret& operator=(Secret&&) noexcept;
  ~Secret();  // wipes the bytes (OPENSSL_cleanse)

  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }
  /// The bytes themselves. Only for building a request or comparing a credential.
  [[nodiscard]] std::string_view reveal() const noexcept { return value_; }
  /// Compares in time that depends on the lengths only (CRYPTO_memcmp).
  [[nodiscard]] bool equals(std::string_view other) const noexcept;

  bool operator==(const Secret&) const = delete;

 private:
  std::string value_;
};

/// Text of which some spans are secret: a URL whose path is the credential, an Authorization header, a form body.
/// The transport sends reveal(); everything else (audit, dry run, logs, errors) only ever calls redacted().
class SensitiveText {
 public:
  SensitiveText() = default;
  SensitiveText(std::string plain);       // NOLINT(google-explicit-constructor): plain text is the common case
  SensitiveText(std::string_view plain);  // NOLINT(google-explicit-constructor)
  SensitiveText(const char* plain);       // NOLINT(google-explicit-constructor)
  explicit SensitiveText(const Secret& secret);

  SensitiveText& append(std::string_view plain);
  SensitiveText& append(const std::string& plain) { return append(std::string_view(plain)); }
  SensitiveText& append(const char* plain) { return append(std::string_view(plain)); }
  SensitiveText& append(const Secret& secret);
  /// Appends bytes derived from a secret (a Base64 of user:password, say), masked like the secret itself.
  SensitiveText& append_masked(std::string_view derived);
  SensitiveText& append(const SensitiveText& other);

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool has_secret() const noexcept { return !masked_.empty(); }
  [[nodiscard]] const std::string& reveal() const noexcept { return bytes_; }
  /// The text with each secret span replaced by "***".
  [[nodiscard]] std::string redacted() const;
  /// The secret spans themselves, for masking them elsewhere (scrub() in request.hpp).
  [[nodiscard]] std::vector<std::string_view> secrets() const;

 private:
  struct Span {
    std::size_t begin;
    std::size_t end;
  };
  std::string bytes_;
  std::vector<Span> masked_;
};

}  // namespace wardex
