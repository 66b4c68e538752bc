#include "config/match_schema.hpp"

#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "wardex/event.hpp"

namespace wardex::config {

using nlohmann::json;

namespace {

json one_or_more(const json& scalar) {
  return {{"anyOf", json::array({scalar, {{"type", "array"}, {"items", scalar}, {"minItems", 1}}})}};
}

template <std::size_t N, class E>
json names_of(const std::array<E, N>& values) {
  json out = json::array();
  for (const auto value : values) out.push_back(to_string(value));
  return out;
}

json text_condition(std::string_view doc) {
  json out = one_or_more({{"type", json::array({"string", "number", "boolean"})}});
  out["description"] = doc;
  return out;
}

}  // namespace

json match_schema() {
  constexpr std::string_view text =
      "Exact text, a glob (`*`, `?`), a regular expression (`/.../` or `/.../i`), or `=text` for exact text whatever "
      "is "
      "in it. A list means any of them.";
  json properties = json::object();
  for (const auto& name : field_names()) properties[name] = text_condition(text);
  properties["endpoint"] = text_condition("The endpoint's id or its host name. " + std::string(text));
  properties["mitre"] = text_condition("Technique ids; `T1078` includes its sub-techniques. " + std::string(text));

  properties["labels"] = {{"type", "object"},
                          {"description", "Labels by name; the same as `labels.NAME`."},
                          {"additionalProperties", text_condition(text)}};
  properties["severity"] =
      one_or_more({{"type", "string"}, {"pattern", "^(>=|<=|>|<|=)? *(info|low|medium|high|critical)$"}});
  properties["severity"]["description"] = "`high`, `>=medium`, `<=low`, or a list.";
  properties["kind"] = one_or_more({{"enum", names_of(kKinds)}});
  properties["status"] = one_or_more({{"enum", names_of(kStatuses)}});
  const json number{{"type", json::array({"number", "string"})},
                    {"pattern", R"(^(>=|<=|>|<|=)? *-?[0-9]+(\.[0-9]+)?$)"}};
  for (const auto* name : {"score", "confidence"}) {
    properties[name] = one_or_more(number);
    properties[name]["description"] = "A number, or a comparison such as `>=0.8`.";
  }

  const json self{{"$ref", "#/$defs/match"}};
  const json several{{"anyOf", json::array({self, {{"type", "array"}, {"items", self}, {"minItems", 1}}})}};
  properties["and"] = several;
  properties["and"]["description"] = "All of these must hold.";
  properties["or"] = several;
  properties["or"]["description"] = "At least one of these must hold.";
  properties["not"] = several;
  properties["not"]["description"] = "None of these may hold.";
  return {{"type", json::array({"object", "null"})},
          {"additionalProperties", false},
          {"properties", std::move(properties)},
          {"patternProperties", {{"^labels\\..+", text_condition(text)}}}};
}

}  // namespace wardex::config
