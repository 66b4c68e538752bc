#include "app/generation.hpp"

#include <string>
#include <utility>

namespace wardex::app {

std::optional<Generation> compile(config::Loaded& loaded) {
  if (!loaded.config) return std::nullopt;
  auto router = route::Router::compile(*loaded.config, loaded.problems);
  std::string error;
  auto egress = transport::EgressPolicy::parse(loaded.config->egress.allow, error);
  if (!egress) loaded.problems.error({}, "egress.allow", error);
  loaded.problems.sort();
  if (!router || !egress || loaded.problems.has_errors()) return std::nullopt;
  return Generation{loaded.config, std::move(router), std::move(*egress)};
}

}  // namespace wardex::app
