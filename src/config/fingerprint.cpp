#include "config/fingerprint.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "wardex/crypto.hpp"

namespace wardex::config {

namespace {

void frame(std::string& out, char tag, std::string_view bytes) {
  out += tag;
  out += std::to_string(bytes.size());
  out += ':';
  out += bytes;
}

void canonical(std::string& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      out += 'n';
      break;
    case Value::Kind::scalar:
      frame(out, 's', value.resolved ? value.resolved->reveal() : std::string_view(value.scalar));
      break;
    case Value::Kind::list:
      frame(out, 'l', std::to_string(value.items.size()));
      for (const auto& item : value.items) canonical(out, item);
      break;
    case Value::Kind::map: {
      std::vector<const Value::Entry*> sorted;
      for (const auto& entry : value.entries) sorted.push_back(&entry);
      std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
      frame(out, 'm', std::to_string(sorted.size()));
      for (const auto* entry : sorted) {
        frame(out, 'k', entry->key);
        canonical(out, entry->value);
      }
      break;
    }
  }
}

const std::string& process_key() {
  static const std::string key = [] {
    std::string bytes(32, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
      throw std::runtime_error("the system gave no random bytes");
    return bytes;
  }();
  return key;
}

/// The start of a file: TLS material is small, and what cannot be read is reported elsewhere.
std::string contents(const std::string& path) {
  constexpr std::size_t limit = 1024UL * 1024UL;
  std::string bytes(limit, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(bytes.data(), static_cast<std::streamsize>(limit));
  bytes.resize(in ? limit : static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return bytes;
}

}  // namespace

std::string fingerprint(const Value& settings, const std::vector<std::string>& files) {
  std::string bytes;
  canonical(bytes, settings);
  for (const auto& file : files) {
    auto content = contents(file);
    frame(bytes, 'f', content);
    OPENSSL_cleanse(content.data(), content.size());
  }
  const auto out = hex(hmac_sha256(process_key(), bytes));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return out;
}

std::string digest(const std::vector<std::pair<std::string, std::string>>& named_contents) {
  std::string bytes;
  for (const auto& [name, content] : named_contents) {
    frame(bytes, 'n', name);
    frame(bytes, 'c', content);
  }
  return hex(sha256(bytes));
}

}  // namespace wardex::config
