#include "transport/egress.hpp"

#include <charconv>

#include "transport/address_class.hpp"
#include "wardex/text.hpp"

namespace wardex::transport {

namespace ip = boost::asio::ip;

namespace {

template <class T>
std::optional<T> number(std::string_view text, T max) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (text.empty() || code != std::errc() || stop != end || value > max) return std::nullopt;
  return value;
}

/// IPv4 exactly as four decimal numbers: "010.0.0.1" means different networks to different readers.
std::optional<ip::address> address(std::string_view text) {
  boost::system::error_code error;
  const auto parsed = ip::make_address(std::string(text), error);
  if (error || (parsed.is_v4() && parsed.to_string() != text)) return std::nullopt;
  return parsed;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  bool letter = false;
  for (const char c : text) {
    const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alpha && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_') return false;
    letter = letter || alpha;
  }
  return letter;
}

std::string bracketed(const ip::address& at) { return at.is_v6() ? "[" + at.to_string() + "]" : at.to_string(); }

std::string_view without_dot(std::string_view host) {
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

}  // namespace

std::optional<EgressPolicy> EgressPolicy::parse(const std::vector<std::string>& allow, std::string& error) {
  EgressPolicy policy;
  for (const auto& entry : allow) {
    const auto unreadable = [&](std::string_view why) {
      error = "egress.allow: \"" + entry + "\" " + std::string(why) +
              "; write a network (10.20.0.0/16), an address (10.20.0.7), host:port (siem.corp.example:8088) or a host";
      return std::nullopt;
    };
    if (const auto slash = entry.find('/'); slash != std::string::npos) {
      const auto base = address(std::string_view(entry).substr(0, slash));
      if (!base) return unreadable("does not begin with an IP address");
      const auto prefix = number<unsigned>(std::string_view(entry).substr(slash + 1), base->is_v4() ? 32U : 128U);
      if (!prefix) return unreadable("has no valid prefix length after the slash");
      policy.networks_.push_back({as_v6(*base), *prefix + (base->is_v4() ? 96U : 0U)});
    } else if (const auto single = address(entry)) {
      policy.networks_.push_back({as_v6(*single), 128});
    } else {
      const auto colon = entry.rfind(':');
      auto name = std::string_view(entry).substr(0, colon);
      std::optional<std::uint16_t> port = std::uint16_t{0};
      if (colon != std::string::npos) {
        port = number<std::uint16_t>(std::string_view(entry).substr(colon + 1), 65535);
        if (!port || *port == 0) return unreadable("has no valid port after the colon");
      }
      if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
      if (const auto literal = address(name)) {
        if (never_dialled(as_v6(*literal), 128)) return unreadable("is never dialled, whatever is listed");
        policy.hosts_.push_back({literal->to_string(), *port});
        continue;
      }
      if (!is_host_name(without_dot(name))) return unreadable("is not a network, an address or a host name");
      policy.hosts_.push_back({text::lower(without_dot(name)), *port});
      continue;
    }
    const auto& network = policy.networks_.back();
    if (never_dialled(network.base, network.prefix))
      return unreadable("is link-local, multicast or metadata: it is never dialled, whatever is listed");
  }
  return policy;
}

std::optional<std::string> EgressPolicy::refuse(const ip::address& address, std::uint16_t port,
                                                std::string_view host) const {
  const auto kind = classify(address);
  if (kind.tier == Tier::open) return std::nullopt;
  const auto shown = address.to_string();
  const auto refusal = "egress guard: " + shown + " is " + std::string(kind.what);
  if (kind.tier == Tier::never) return refusal + ", which is never dialled";
  const auto as_given = as_v6(address);
  const auto plain = unwrap(as_given);
  for (const auto& network : networks_)
    if (in_network(as_given, network.base, network.prefix) || in_network(plain, network.base, network.prefix))
      return std::nullopt;
  const auto name = text::lower(without_dot(host));
  for (const auto& allowed : hosts_)
    if ((allowed.name == name || allowed.name == shown) && (allowed.port == 0 || allowed.port == port))
      return std::nullopt;
  return refusal + "; to allow it, list " + bracketed(address) + ":" + std::to_string(port) +
         " (or its network) under egress.allow";
}

}  // namespace wardex::transport
