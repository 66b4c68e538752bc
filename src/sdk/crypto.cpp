#include "wardex/crypto.hpp"

#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace wardex {
namespace {

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string_view view(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

/// OpenSSL's Base64 counts in int.
int checked_int(std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max() / 2))
    throw std::length_error("too long to encode");
  return static_cast<int>(size);
}

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

/// Looking the algorithm up costs as much as hashing half a kilobyte: once for the process.
const EVP_MD* sha256_algorithm() {
  static const std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return algorithm.get();
}

using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;

/// HMAC with SHA-256, looked up once; null when this OpenSSL has none.
MacContext hmac_context() {
  static const std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacContext context(algorithm == nullptr ? nullptr : EVP_MAC_CTX_new(algorithm.get()));
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                             OSSL_PARAM_construct_end()};
  if (context && EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1) context.reset();
  return context;
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  thread_local const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  Sha256 out{};
  unsigned int size = 0;
  if (context == nullptr || EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), out.data(), &size) != 1 || size != out.size())
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  return out;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const MacContext context = hmac_context();
  // A null key pointer would mean "the key of the call before" to OpenSSL.
  const auto* const key_bytes = octets(key.empty() ? std::string_view("") : key);
  Sha256 out{};
  std::size_t size = 0;
  if (context == nullptr || EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) != 1 ||
      EVP_MAC_update(context.get(), octets(bytes), bytes.size()) != 1 ||
      EVP_MAC_final(context.get(), out.data(), &size, out.size()) != 1 || size != out.size())
    throw std::runtime_error("HMAC-SHA-256 is not available in this OpenSSL");
  return out;
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out[2 * i] = digits[byte >> 4U];
    out[2 * i + 1] = digits[byte & 0xFU];
  }
  return out;
}

std::string hex(const Sha256& digest) { return hex(view(digest)); }

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a NUL
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), octets(bytes), checked_int(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string base64(const Sha256& digest) { return base64(view(digest)); }

std::optional<std::string> base64_decode(std::string_view text) {
  // EVP_DecodeBlock skips white space and is lax about padding, so the text is made canonical before.
  const auto end = text.find('=');
  const auto padding = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  std::string canonical(text.substr(0, end));
  for (char& c : canonical) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const bool known =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (!known) return std::nullopt;
  }
  const auto rest = canonical.size() % 4;
  if (rest == 1) return std::nullopt;
  const std::size_t missing = rest == 0 ? 0 : 4 - rest;
  if (!padding.empty() && padding != std::string_view("==").substr(0, missing)) return std::nullopt;
  if (canonical.empty()) return std::string{};

  canonical.append(missing, '=');
  std::string out(canonical.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), octets(canonical), checked_int(canonical.size()));
  OPENSSL_cleanse(canonical.data(), canonical.size());  // it is a signing key as often as not
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - missing);
  return out;
}

bool constant_time_equals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace wardex
