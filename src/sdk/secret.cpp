#include "wardex/secret.hpp"

#include <utility>

#include <openssl/crypto.h>

namespace wardex {
namespace {

/// Wipes the whole buffer, also the part behind the end: a moved-from or shortened string keeps old bytes there.
void wipe(std::string& text) noexcept {
  // Never reallocates. NOLINTNEXTLINE(clang-analyzer-cplusplus.Move): what was moved from is exactly what is wiped
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) { wipe(value); }

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  Secret copy(other);  // first, so that a failed allocation leaves this one as it was
  return *this = std::move(copy);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(value_);
  value_ = std::move(other.value_);
  wipe(other.value_);
  return *this;
}

Secret::~Secret() { wipe(value_); }

bool Secret::equals(std::string_view other) const noexcept {
  return value_.size() == other.size() && CRYPTO_memcmp(value_.data(), other.data(), other.size()) == 0;
}

SensitiveText::SensitiveText(std::string plain) : bytes_(std::move(plain)) {}
SensitiveText::SensitiveText(std::string_view plain) : bytes_(plain) {}
SensitiveText::SensitiveText(const char* plain) : bytes_(plain) {}
SensitiveText::SensitiveText(const Secret& secret) { append(secret); }

SensitiveText& SensitiveText::append(std::string_view plain) {
  bytes_.append(plain);
  return *this;
}

SensitiveText& SensitiveText::append(const Secret& secret) { return append_masked(secret.reveal()); }

SensitiveText& SensitiveText::append_masked(std::string_view derived) {
  if (derived.empty()) return *this;
  const auto begin = bytes_.size();
  bytes_.append(derived);
  // Neighbours become one span: that a secret is made of two parts is nobody's business.
  if (!masked_.empty() && masked_.back().end == begin)
    masked_.back().end = bytes_.size();
  else
    masked_.push_back({begin, bytes_.size()});
  return *this;
}

SensitiveText& SensitiveText::append(const SensitiveText& other) {
  const SensitiveText source = other;  // `other` may be this very text
  std::size_t at = 0;
  for (const auto& span : source.masked_) {
    append(std::string_view(source.bytes_).substr(at, span.begin - at));
    append_masked(std::string_view(source.bytes_).substr(span.begin, span.end - span.begin));
    at = span.end;
  }
  return append(std::string_view(source.bytes_).substr(at));
}

std::string SensitiveText::redacted() const {
  std::string out;
  std::size_t at = 0;
  for (const auto& span : masked_) {
    out.append(bytes_, at, span.begin - at).append(kRedacted);
    at = span.end;
  }
  return out.append(bytes_, at);
}

}  // namespace wardex
