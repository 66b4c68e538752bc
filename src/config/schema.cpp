// JSON Schema (draft 2020-12) from the settings tables: what editors complete and check while a configuration is typed.
#include <charconv>
#include <string>

#include <nlohmann/json.hpp>

#include "config/config.hpp"
#include "config/match_schema.hpp"
#include "config/read.hpp"

namespace wardex::config {

using nlohmann::json;

namespace {

constexpr auto kAnyReference = R"(^\$\{(env|file|credential):.+\}$)";
constexpr auto kEnvironment = R"(^\$\{env:.+\}$)";
constexpr auto kConnectorId = "^[a-z0-9][a-z0-9-]{0,62}$";

json schema_of(const FieldSpec& spec);

json object_of(const std::vector<FieldSpec>& specs) {
  json out{{"type", "object"}, {"additionalProperties", false}, {"properties", json::object()}};
  for (const auto& spec : specs) {
    out["properties"][spec.key] = schema_of(spec);
    if (spec.required) out["required"].push_back(spec.key);
  }
  return out;
}

/// Any scalar may come from the environment; what may be secret, from any source.
json or_reference(json schema, const char* pattern = kEnvironment) {
  return {{"anyOf", json::array({std::move(schema), {{"type", "string"}, {"pattern", pattern}}})}};
}

void add_bounds(json& out, const FieldSpec& spec) {
  const auto number = [&](double value) -> json {
    if (spec.type == FieldSpec::Type::integer) return static_cast<std::int64_t>(value);
    return value;
  };
  if (spec.minimum) out["minimum"] = number(*spec.minimum);
  if (spec.maximum) out["maximum"] = number(*spec.maximum);
}

json type_of(const FieldSpec& spec) {
  using Type = FieldSpec::Type;
  switch (spec.type) {
    case Type::boolean:
      return or_reference({{"type", "boolean"}});
    case Type::integer:
    case Type::number: {
      json out{{"type", spec.type == Type::integer ? "integer" : "number"}};
      add_bounds(out, spec);
      return or_reference(std::move(out));
    }
    case Type::string:
      return {{"type", "string"}};
    case Type::duration:
      return or_reference({{"type", "string"}, {"pattern", "^([0-9]+(ms|s|m|h|d))+$"}});
    case Type::bytes:
      return or_reference({{"type", json::array({"string", "integer"})}, {"pattern", "^[0-9]+([kKMGT]i?B|B)?$"}});
    case Type::url:
      return or_reference({{"type", "string"}, {"pattern", "^[hH][tT][tT][pP][sS]?://"}}, kAnyReference);
    case Type::enumeration:
      return or_reference({{"enum", spec.choices}});
    case Type::list: {
      json item = schema_of(spec.children.front());
      json list{{"type", "array"}, {"items", item}};
      const auto inner = spec.children.front().type;
      if (inner == Type::object || inner == Type::map || inner == Type::list) return list;
      return {{"anyOf", json::array({std::move(list), std::move(item)})}};  // `to: slack` is a list of one
    }
    case Type::map:
      return {{"type", "object"}, {"additionalProperties", schema_of(spec.children.front())}};
    case Type::object: {
      json object = object_of(spec.children);
      if (spec.choices.empty()) return object;
      return {{"anyOf", json::array({{{"enum", spec.choices}}, std::move(object)})}};  // `auth: none`
    }
    case Type::any:
      break;
  }
  return json::object();
}

json default_of(const FieldSpec& spec) {
  using Type = FieldSpec::Type;
  const auto& text = spec.default_text;
  if (spec.type == Type::boolean) return text == "true";
  if (spec.type == Type::integer || spec.type == Type::number) return json::parse(text);
  if (spec.type != Type::list) return text;
  const auto items = settings_detail::default_value(spec).items;
  json out = json::array();
  for (const auto& item : items) out.push_back(item.scalar);
  return out;
}

json schema_of(const FieldSpec& spec) {
  json out = type_of(spec);
  if (!spec.doc.empty()) out["description"] = spec.doc;
  if (spec.secret) out["writeOnly"] = true;
  const bool has_fields = spec.type == FieldSpec::Type::object || spec.type == FieldSpec::Type::map;
  if (!spec.default_text.empty() && !has_fields) out["default"] = default_of(spec);
  return out;
}

/// One connector type: the common block and its own, with `type` fixed.
json connector_of(const Manifest& manifest) {
  auto specs = common_specs();
  specs.insert(specs.end(), manifest.settings.begin(), manifest.settings.end());
  json out = object_of(specs);
  out["title"] = manifest.title;
  out["description"] = manifest.summary;
  out["properties"]["type"] = {{"const", manifest.name}, {"description", manifest.summary}};
  return out;
}

json connectors_schema(json& definitions) {
  json names = json::array();
  json cases = json::array();
  for (const auto& manifest : wardex::connectors()) {
    names.push_back(manifest.name);
    const auto key = "connector-" + manifest.name;
    definitions[key] = connector_of(manifest);
    cases.push_back(
        {{"if", {{"properties", {{"type", {{"const", manifest.name}}}}}}}, {"then", {{"$ref", "#/$defs/" + key}}}});
  }
  json type{{"enum", std::move(names)}, {"description", common_specs().front().doc}};
  json connector{{"type", "object"},
                 {"required", json::array({"type"})},
                 {"properties", {{"type", std::move(type)}}},
                 {"allOf", std::move(cases)}};
  return {{"type", "object"},
          {"propertyNames", {{"pattern", kConnectorId}}},
          {"additionalProperties", std::move(connector)}};
}

json matrix_schema() {
  FieldSpec ids;
  Codec<std::vector<std::string>>::describe(ids);
  json out{{"type", "object"}, {"additionalProperties", false}};
  for (const auto severity : kSeverities) out["properties"][std::string(to_string(severity))] = schema_of(ids);
  return out;
}

}  // namespace

json json_schema() {
  json definitions = json::object();
  definitions["match"] = match_schema();
  json properties = json::object();
  for (const auto& spec : root_specs()) {
    if (spec.key == "connectors")
      properties[spec.key] = connectors_schema(definitions);
    else if (spec.key == "matrix")
      properties[spec.key] = matrix_schema();
    else
      properties[spec.key] = type_of(spec);
    properties[spec.key]["description"] = spec.doc;
  }
  auto& route = properties["routes"]["items"]["properties"];
  route["match"] = {{"$ref", "#/$defs/match"}, {"description", route["match"]["description"]}};
  // A section written as `routes:` with everything below it commented out is null.
  for (auto& [key, schema] : properties.items()) schema["type"] = json::array({schema["type"], "null"});
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "Configuration of the Wardex Integration Gateway"},
          {"type", "object"},
          {"additionalProperties", false},
          {"properties", std::move(properties)},
          {"$defs", std::move(definitions)}};
}

}  // namespace wardex::config
