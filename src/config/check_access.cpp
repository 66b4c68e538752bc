// Who may talk to the gateway, and whom the gateway may talk to.
#include <algorithm>
#include <map>

#include "config/merge.hpp"
#include "config/net.hpp"
#include "config/read.hpp"
#include "wardex/crypto.hpp"

namespace wardex::config {

namespace {

constexpr std::size_t kShortToken = 16;

bool is_web_url(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (url.starts_with(scheme) && url.size() > scheme.size() && url[scheme.size()] != '/' &&
        url.find_first_of(" \t\r\n<>\"") == std::string_view::npos)
      return true;
  return false;
}

void check_url(const std::string& url, const Value& node, const std::string& path, Problems& problems) {
  if (!url.empty() && !is_web_url(url))
    problems.error(node.at, path, "'" + url + "' is no URL; write it like https://gateway.example");
}

void check_gateway(const Config& config, const Value& root, Problems& problems) {
  const auto& gateway = config.gateway;
  check_url(gateway.public_url, nearest_node(root, {"gateway", "public_url"}), "gateway.public_url", problems);
  check_url(config.wardex.console_url, nearest_node(root, {"wardex", "console_url"}), "wardex.console_url", problems);
  if (gateway.tls) {
    const auto& tls = *gateway.tls;
    check_file(tls.certificate, nearest_node(root, {"gateway", "tls", "certificate"}).at, "gateway.tls.certificate",
               problems);
    check_file(tls.key, nearest_node(root, {"gateway", "tls", "key"}).at, "gateway.tls.key", problems);
    if (!tls.client_ca.empty())
      check_file(tls.client_ca, nearest_node(root, {"gateway", "tls", "client_ca"}).at, "gateway.tls.client_ca",
                 problems);
  } else if (!gateway.listen.is_loopback()) {
    problems.warning(nearest_node(root, {"gateway", "listen"}).at, "gateway.listen",
                     "events and tokens travel unencrypted to " + gateway.listen.str() +
                         "; set gateway.tls, or listen on loopback behind a TLS proxy");
  }
}

void check_auth(const Config& config, const Value& root, Problems& problems) {
  const auto& auth = config.intake.auth;
  const auto& node = nearest_node(root, {"intake", "auth"});
  const bool loopback = config.gateway.listen.is_loopback();
  if (auth.none && !loopback)
    problems.error(node.at, "intake.auth",
                   "'none' is allowed on a loopback listener only, but gateway.listen is " +
                       config.gateway.listen.str() + "; configure tokens, hmac or mtls, or listen on 127.0.0.1");
  if (!auth.none && auth.tokens.empty() && auth.hmac.empty() && auth.mtls.empty())
    problems.error(node.at, "intake.auth",
                   std::string("nobody could send events; configure tokens, hmac or mtls") +
                       (loopback ? ", or write `auth: none` in words to accept anything from this machine" : ""));
  if (!auth.mtls.empty() && (!config.gateway.tls || config.gateway.tls->client_ca.empty()))
    problems.error(nearest_node(root, {"intake", "auth", "mtls"}).at, "intake.auth.mtls",
                   "client certificates are only asked for when gateway.tls.client_ca is set");
}

/// Walks the names of one list of credentials; item positions come from the tree.
class Names {
 public:
  Names(const Value& root, Problems& problems) : root_(root), problems_(problems) {}

  template <class Named>
  void list(const std::vector<Named>& all, std::initializer_list<std::string_view> keys, const std::string& path) {
    const auto& node = nearest_node(root_, keys);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Value& item = i < node.items.size() ? node.items[i] : node;
      const auto item_path = path + "[" + std::to_string(i) + "]";
      name(all[i].name, item, item_path);
      if constexpr (requires { all[i].token; }) token(all[i].name, all[i].token, item, item_path);
      if constexpr (requires { all[i].secrets; }) secrets(all[i].secrets, item, item_path);
    }
  }

 private:
  void name(const std::string& name, const Value& item, const std::string& path) {
    const auto& at = nearest_node(item, {"name"}).at;
    const bool good = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.' || c == '@';
    });
    if (!good)
      problems_.error(at, path + ".name",
                      "'" + name + "' is no name; use up to 64 letters, digits, '-', '_', '.' and '@'");
    const auto [first, is_new] = seen_.try_emplace(name, at);
    if (!is_new)
      problems_.error(
          at, path + ".name",
          "'" + name + "' is taken by " + place(first->second) + "; the audit could not tell the two apart");
  }
  void token(const std::string& name, const Secret& token, const Value& item, const std::string& path) {
    const auto& at = nearest_node(item, {"token"}).at;
    if (token.empty())
      problems_.error(at, path + ".token", "is empty");
    else if (token.reveal().size() < kShortToken)
      problems_.warning(at, path + ".token",
                        "is shorter than 16 characters and can be guessed; use `openssl rand -hex 32`");
    for (const auto& [other, value] : tokens_)
      if (!token.empty() && value.equals(token.reveal()))
        problems_.error(at, path + ".token", "is the same token as that of '" + other + "'; give each its own");
    tokens_.emplace_back(name, token);
  }
  void secrets(const std::vector<Secret>& secrets, const Value& item, const std::string& path) {
    const auto& node = nearest_node(item, {"secrets"});
    if (secrets.empty()) problems_.error(node.at, path + ".secrets", "is empty; list at least one secret");
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      const auto& at = i < node.items.size() ? node.items[i].at : node.at;
      const auto secret_path = path + ".secrets[" + std::to_string(i) + "]";
      auto text = secrets[i].reveal();
      if (text.starts_with("whsec_")) text.remove_prefix(6);
      const auto bytes = base64_decode(text);
      if (!bytes || bytes->empty())
        problems_.error(at, secret_path,
                        "is no Standard Webhooks secret: 'whsec_' and the Base64 of 24 to 64 random bytes");
      else if (bytes->size() < 24)  // Standard Webhooks 1.0.0: 24 to 64 bytes
        problems_.warning(at, secret_path, "has fewer than 24 random bytes");
    }
  }

  const Value& root_;
  Problems& problems_;
  std::map<std::string, Position> seen_;
  std::vector<std::pair<std::string, Secret>> tokens_;
};

void check_egress(const Config& config, const Value& root, Problems& problems) {
  const auto& node = nearest_node(root, {"egress", "allow"});
  for (std::size_t i = 0; i < config.egress.allow.size(); ++i) {
    const auto& entry = config.egress.allow[i];
    const auto& at = i < node.items.size() ? node.items[i].at : node.at;
    const auto path = "egress.allow[" + std::to_string(i) + "]";
    if (entry.find('/') != std::string::npos) {
      std::string why;
      const auto network = parse_cidr(entry, why);
      if (!network)
        problems.error(at, path, "'" + entry + "' " + why);
      else if (network->prefix == 0)
        problems.warning(at, path,
                         "'" + entry + "' opens every private network to the connectors; list the ones they need");
      continue;
    }
    const auto split = split_host_port(entry);
    if (!split || !is_host(split->host) || (split->port && *split->port == 0))
      problems.error(at, path,
                     "'" + entry + "' is no destination; write a network (10.20.0.0/16), a host or host:port");
  }
}

}  // namespace

void check_access(const Config& config, const Value& root, Problems& problems) {
  check_gateway(config, root, problems);
  check_auth(config, root, problems);
  Names names(root, problems);
  names.list(config.intake.auth.tokens, {"intake", "auth", "tokens"}, "intake.auth.tokens");
  names.list(config.intake.auth.hmac, {"intake", "auth", "hmac"}, "intake.auth.hmac");
  names.list(config.intake.auth.mtls, {"intake", "auth", "mtls"}, "intake.auth.mtls");
  names.list(config.api.tokens, {"api", "tokens"}, "api.tokens");
  check_egress(config, root, problems);
}

}  // namespace wardex::config
