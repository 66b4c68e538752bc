// A connector's settings as Markdown, so that its page cannot drift from its table.
#include <string>

#include "config/config.hpp"
#include "wardex/text.hpp"

namespace wardex::config {

namespace {

std::string type_name(const FieldSpec& spec) {
  using Type = FieldSpec::Type;
  switch (spec.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::string:
      return spec.secret ? "secret" : "text";
    case Type::duration:
      return "duration";
    case Type::bytes:
      return "size";
    case Type::url:
      return spec.secret ? "secret URL" : "URL";
    case Type::enumeration:
      return "`" + text::join(spec.choices, "`, `") + "`";
    case Type::list:
      return "list of " + type_name(spec.children.front());
    case Type::map:
      return "map of " + type_name(spec.children.front());
    case Type::object:
      return "map";
    case Type::any:
      return "anything";
  }
  return "";
}

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

void add_rows(std::string& out, const std::vector<FieldSpec>& specs, const std::string& prefix) {
  using Type = FieldSpec::Type;
  for (const auto& spec : specs) {
    const auto key = prefix + spec.key;
    const bool has_fields = spec.type == Type::object;
    std::string given = spec.required ? "required" : "";
    if (!spec.default_text.empty() && !has_fields) given = "`" + spec.default_text + "`";
    out += "| `" + key + "` | " + cell(type_name(spec)) + " | " + cell(given) + " | " + cell(spec.doc) + " |\n";
    if (has_fields) add_rows(out, spec.children, key + ".");
    const bool nests =
        (spec.type == Type::list || spec.type == Type::map) && spec.children.front().type == Type::object;
    if (nests) add_rows(out, spec.children.front().children, key + (spec.type == Type::list ? "[]." : ".*."));
  }
}

}  // namespace

std::string settings_reference(const Manifest& manifest) {
  std::string out = "| Setting | Type | Default | Meaning |\n|---|---|---|---|\n";
  add_rows(out, manifest.settings, "");
  return out;
}

}  // namespace wardex::config
