#include "app/signing.hpp"

#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "audit/checkpoint.hpp"
#include "audit/key_file.hpp"
#include "config/tree.hpp"
#include "normalise/document.hpp"
#include "runtime/log.hpp"

namespace wardex::app {

std::shared_ptr<const audit::SigningKey> configured_key(const config::Config& config, Problems& problems) {
  const auto& pem = config.audit.checkpoints.key;
  if (pem.empty()) return nullptr;
  auto key = audit::SigningKey::from_pem(pem);
  if (auto* parsed = std::get_if<audit::SigningKey>(&key))
    return std::make_shared<const audit::SigningKey>(std::move(*parsed));
  problems.error(config::nearest_node(config.root, {"audit", "checkpoints", "key"}).at, "audit.checkpoints.key",
                 std::get<std::string>(key));
  return nullptr;
}

std::optional<std::string> use_own_key(Generation& generation) {
  if (generation.signing_key) return std::nullopt;
  const auto file = generation.config->gateway.data_dir / audit::kKeyFileName;
  auto opened = audit::open_key_file(file);
  if (auto* why = std::get_if<std::string>(&opened)) return std::move(*why);
  auto& own = std::get<audit::KeyFile>(opened);
  if (own.created)
    log::info("audit.key_created",
              "a key that signs the audit trail's checkpoints; keep its public half elsewhere (audit key)",
              {{"file", file.string()}});
  generation.signing_key = std::make_shared<const audit::SigningKey>(std::move(own.key));
  return std::nullopt;
}

store::NewEvent anchor_event(const store::ChainHead& head, const std::string& note, const config::Config& config) {
  const auto row = std::to_string(head.row);
  const nlohmann::json document{
      {"event_id", "audit-checkpoint-" + head.instance + "-" + row + "-" + head.hash.substr(0, 16)},
      {"kind", "telemetry"},
      {"severity", "info"},
      {"title", "Audit checkpoint of row " + row},
      {"description",
       "The head of the gateway's audit trail, signed. Keep it: `wardex-gateway audit verify --anchor FILE` then sees "
       "rows that were cut off, and a database that was rolled back."},
      {"occurred_at", to_iso(head.at)},
      {"rule", "wardex-gateway-audit-checkpoint"},
      {"audit_checkpoint", {{"instance", head.instance}, {"row", head.row}, {"hash", head.hash}, {"note", note}}}};
  const auto original = document.dump();
  normalise::Options options;
  options.console_url = config.wardex.console_url;
  options.case_prefix = config.wardex.case_prefix;
  options.origin = "gateway";
  options.received_at = head.at;
  normalise::Document read;
  constexpr std::size_t kDepth = 8;
  if (read.read(original, kDepth)) throw std::logic_error("a checkpoint is no JSON");
  auto outcome = normalise::normalise(read.root(), original, options);
  auto* event = std::get_if<Event>(&outcome);
  if (event == nullptr) throw std::logic_error("a checkpoint is no event");
  store::NewEvent out{std::make_shared<const Event>(std::move(*event)), {}};
  for (const auto& connector : config.audit.checkpoints.to)
    out.targets.push_back({connector, "audit.checkpoints.to", "", false});
  return out;
}

store::Sign signer(std::shared_ptr<const audit::SigningKey> key, std::shared_ptr<const config::Config> config,
                   bool anchors) {
  return [key = std::move(key), config = std::move(config), anchors](const store::ChainHead& head) {
    store::Signed out;
    out.note = audit::sign_checkpoint(head, *key);
    out.key = audit::to_string(audit::key_id(audit::signer_name(head.instance), key->public_key()));
    if (anchors && !config->audit.checkpoints.to.empty()) out.anchor = anchor_event(head, out.note, *config);
    return out;
  };
}

}  // namespace wardex::app
