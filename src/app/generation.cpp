#include "app/generation.hpp"

#include <string>
#include <utility>

#include "app/signing.hpp"

namespace wardex::app {

std::optional<Generation> compile(config::Loaded& loaded) {
  if (!loaded.config) return std::nullopt;
  auto router = route::Router::compile(*loaded.config, loaded.problems);
  std::string error;
  auto egress = transport::EgressPolicy::parse(loaded.config->egress.allow, error);
  if (!egress) loaded.problems.error({}, "egress.allow", error);
  auto signing_key = configured_key(*loaded.config, loaded.problems);
  loaded.problems.sort();
  if (!router || !egress || loaded.problems.has_errors()) return std::nullopt;
  return Generation{loaded.config, std::move(router), std::move(*egress), std::move(signing_key)};
}

}  // namespace wardex::app
