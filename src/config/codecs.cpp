#include "config/codecs.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <string>

#include "config/config.hpp"
#include "config/net.hpp"

namespace wardex {

std::optional<std::filesystem::path> Codec<std::filesystem::path>::read(const Value& v, std::string_view path,
                                                                        Problems& p) {
  auto text = settings_detail::read_string(v, path, p);
  if (!text) return std::nullopt;
  std::filesystem::path out(*text);
  if (out.is_absolute()) return out.lexically_normal();
  p.error(v.at, path, "'" + *text + "' must be an absolute path, like /var/lib/wardex-gateway");
  return std::nullopt;
}

std::optional<Timestamp> Codec<Timestamp>::read(const Value& v, std::string_view path, Problems& p) {
  const auto text = settings_detail::read_string(v, path, p);
  if (!text) return std::nullopt;
  auto out = Timestamp::parse(*text);
  if (!out) p.error(v.at, path, "'" + *text + "' is no time; write it like 2026-04-21T22:00:00Z or with an offset");
  return out;
}

void Codec<config::Endpoint>::describe(FieldSpec& s) { s.type = FieldSpec::Type::string; }

std::optional<config::Endpoint> Codec<config::Endpoint>::read(const Value& v, std::string_view path, Problems& p) {
  const auto text = settings_detail::read_string(v, path, p);
  if (!text) return std::nullopt;
  const auto refuse = [&](const std::string& why) {
    p.error(
        v.at, path,
        "'" + *text + "' " + why + "; write an address and a port: \"127.0.0.1:8640\", \"[::1]:8640\" or \":8640\"");
    return std::nullopt;
  };
  const auto split = config::split_host_port(*text);
  if (!split || !split->port) return refuse("is no address to listen on");
  if (!split->host.empty() && split->host != "localhost" && !config::is_address(split->host))
    return refuse("names a host, but a listener needs one of this machine's addresses");
  return config::Endpoint{split->host, *split->port};
}

void Codec<config::Auth>::describe(FieldSpec& s) {
  s.type = FieldSpec::Type::object;
  s.choices = {"none"};
  s.children = config::Auth::table().specs();
}

std::optional<config::Auth> Codec<config::Auth>::read(const Value& v, std::string_view path, Problems& p) {
  if (v.kind != Value::Kind::scalar) return config::Auth::table().read(v, path, p);
  config::Auth out;
  out.none = !v.is_reference && v.scalar == "none";
  if (out.none) return out;
  p.error(v.at, path, "'" + v.scalar + "' is neither the word 'none' nor a map with tokens, hmac or mtls");
  return std::nullopt;
}

}  // namespace wardex
