#include "audit/signing_key.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "audit/signed_note.hpp"

namespace wardex::audit {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kPublicBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kPublicEnd = "-----END PUBLIC KEY-----";

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Bio reader(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(std::min<std::size_t>(text.size(), 1U << 20U))), BIO_free};
}

/// Nobody is asked for a passphrase: an encrypted key does not load.
int no_passphrase(char*, int, int, void*) { return -1; }

EVP_PKEY* raw(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

std::optional<PublicKey> public_of(const EVP_PKEY* key) {
  PublicKey out{};
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key, out.data(), &size) != 1 || size != out.size()) return std::nullopt;
  return out;
}

[[noreturn]] void unavailable() { throw std::runtime_error("Ed25519 is not available in this OpenSSL"); }

std::shared_ptr<void> shared(Key key) {
  return {key.release(), [](void* owned) { EVP_PKEY_free(static_cast<EVP_PKEY*>(owned)); }};
}

std::string take(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

/// Without the white space around it.
std::string_view bare(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  const auto first = line.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

std::variant<VerifierKey, std::string> read_public_pem(std::string_view block) {
  const Bio bio = reader(block);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  if (!key) return "a PUBLIC KEY block cannot be read";
  if (EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) return "a PUBLIC KEY block holds a key that is not Ed25519";
  const auto bytes = public_of(key.get());
  if (!bytes) return "a PUBLIC KEY block cannot be read";
  return VerifierKey{*bytes, {}};
}

}  // namespace

SigningKey::SigningKey(std::shared_ptr<void> key) : key_(std::move(key)) {
  const auto bytes = public_of(raw(key_));
  if (!bytes) unavailable();
  public_ = *bytes;
}

std::variant<SigningKey, std::string> SigningKey::from_pem(const Secret& pem) {
  if (pem.reveal().find("BEGIN ENCRYPTED PRIVATE KEY") != std::string_view::npos)
    return "is encrypted; decrypt it with `openssl pkey`, and guard it as a credential";
  const Bio bio = reader(pem.reveal());
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  constexpr auto kHow = "; make one with `openssl genpkey -algorithm ed25519`";
  if (!key) return std::string("is no private key in PEM form (PKCS #8)") + kHow;
  if (EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) return std::string("is no Ed25519 key") + kHow;
  return SigningKey(shared(std::move(key)));
}

SigningKey SigningKey::generate() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  if (!key) unavailable();
  return SigningKey(shared(std::move(key)));
}

Signature SigningKey::sign(std::string_view bytes) const {
  Signature out{};
  std::size_t size = out.size();
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, raw(key_)) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, octets(bytes), bytes.size()) != 1 || size != out.size())
    unavailable();
  return out;
}

Secret SigningKey::pem() const {
  const Bio bio(BIO_new(BIO_s_secmem()), BIO_free);
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), raw(key_), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    unavailable();
  return Secret(take(bio));
}

bool verify_signature(const PublicKey& key, std::string_view bytes, const Signature& signature) {
  const Key loaded(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return loaded && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, loaded.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), octets(bytes), bytes.size()) == 1;
}

std::string public_pem(const PublicKey& key) {
  const Key loaded(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), EVP_PKEY_free);
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  if (!loaded || !bio || PEM_write_bio_PUBKEY(bio.get(), loaded.get()) != 1) unavailable();
  return take(bio);
}

std::variant<std::vector<VerifierKey>, std::string> read_verifier_keys(std::string_view text) {
  std::vector<VerifierKey> keys;
  while (!text.empty()) {
    const auto end_of_line = std::min(text.find('\n'), text.size());
    const auto line = bare(text.substr(0, end_of_line));
    if (line == kPublicBegin) {
      const auto end = text.find(kPublicEnd);
      if (end == std::string_view::npos) return "a PUBLIC KEY block has no end";
      auto key = read_public_pem(text.substr(0, end + kPublicEnd.size()));
      if (auto* why = std::get_if<std::string>(&key)) return std::move(*why);
      keys.push_back(std::move(std::get<VerifierKey>(key)));
      text.remove_prefix(end + kPublicEnd.size());
      continue;
    }
    if (line.starts_with(kBegin) && line.find("PRIVATE") != std::string_view::npos)
      return "it holds a private key; give the public one, as `wardex-gateway audit key` prints it";
    if (auto key = read_verifier_key(line)) keys.push_back(std::move(*key));
    text.remove_prefix(std::min(text.size(), end_of_line + 1));
  }
  if (keys.empty()) return "it holds no public key: neither a PUBLIC KEY block nor a line NAME+HASH+BASE64";
  return keys;
}

}  // namespace wardex::audit
