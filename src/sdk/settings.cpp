// The tree that settings are read from, and the reports that concern a table as a whole.
#include "wardex/settings.hpp"

#include <algorithm>
#include <stdexcept>

#include "settings_text.hpp"
#include "wardex/text.hpp"

namespace wardex {

const Value* Value::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

std::string_view Value::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a single value";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
  }
  return "nothing";
}

namespace settings_detail {
namespace {

constexpr std::size_t kLongestShown = 64;

/// The documentation up to the end of its first sentence.
std::string first_sentence(std::string_view doc) {
  const auto end = doc.find(". ");
  return std::string(end == std::string_view::npos ? doc : doc.substr(0, end + 1));
}

std::string format_number(FieldSpec::Type type, double value) {
  if (type == FieldSpec::Type::duration) return format_duration(Millis(static_cast<std::int64_t>(value)));
  if (type == FieldSpec::Type::bytes) return format_bytes(static_cast<std::uint64_t>(value));
  std::string out = std::to_string(value);  // "0.250000"
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

/// "[a, b]" or "a, b": a list default as the user would write it.
std::vector<Value> default_items(const FieldSpec& spec) {
  std::string_view rest = spec.default_text;
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  std::vector<Value> items;
  while (rest.find_first_not_of(' ') != std::string_view::npos) {
    const auto comma = rest.find(',');
    const auto part = rest.substr(0, comma);
    const auto first = part.find_first_not_of(' ');
    if (first != std::string_view::npos) {
      Value item;
      item.kind = Value::Kind::scalar;
      item.scalar = part.substr(first, part.find_last_not_of(' ') - first + 1);
      items.push_back(std::move(item));
    }
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return items;
}

}  // namespace

std::string quoted(std::string_view text) {
  return "'" + text::truncate(text::single_line(text.substr(0, kLongestShown * 4)), kLongestShown) + "'";
}

std::string shown(const Value& v) {
  if (v.kind != Value::Kind::scalar) return std::string(v.kind_name());
  return v.is_reference ? "what " + v.scalar + " holds" : quoted(v.scalar);
}

void report_mismatch(const Value& v, std::string_view path, std::string_view wanted, Problems& problems) {
  problems.error(v.at, path, "expected " + std::string(wanted) + ", not " + shown(v));
}

bool expect_list(const Value& v, std::string_view path, Problems& problems) {
  if (v.kind == Value::Kind::list) return true;
  report_mismatch(v, path, "a list", problems);
  return false;
}

bool expect_map(const Value& v, std::string_view path, Problems& problems) {
  if (v.kind == Value::Kind::map) return true;
  report_mismatch(v, path, "a map", problems);
  return false;
}

void report_missing(const Value& owner, std::string_view path, const FieldSpec& spec, Problems& problems) {
  problems.error(owner.at, join_path(path, spec.key), "is missing: " + first_sentence(spec.doc));
}

bool report_unknown(const Value& map, std::string_view path, const std::vector<FieldSpec>& specs, Problems& problems) {
  std::vector<std::string> known;
  for (const auto& spec : specs) known.push_back(spec.key);
  bool none = true;
  for (const auto& entry : map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    none = false;
    std::string message = "unknown key " + quoted(entry.key);
    if (const auto near = text::nearest(entry.key, known); !near.empty())
      message += "; did you mean '" + near + "'?";
    else
      message += "; known here: " + text::join(known, ", ");
    problems.error(entry.at, join_path(path, entry.key), std::move(message));
  }
  return none;
}

void report_range(const Value& v, std::string_view path, const FieldSpec& spec, std::string_view stated,
                  Problems& problems) {
  std::string message = "must be ";
  if (spec.minimum && spec.maximum)
    message += "between " + format_number(spec.type, *spec.minimum) + " and " + format_number(spec.type, *spec.maximum);
  else if (spec.minimum)
    message += "at least " + format_number(spec.type, *spec.minimum);
  else if (spec.maximum)
    message += "at most " + format_number(spec.type, *spec.maximum);
  message += ", not " + (v.is_reference ? shown(v) : text::truncate(text::single_line(stated), kLongestShown));
  problems.error(v.at, path, std::move(message));
}

std::string join_path(std::string_view base, std::string_view key) {
  // A key comes from the file and so may be anything.
  const auto name = text::truncate(text::single_line(key.substr(0, kLongestShown * 4)), kLongestShown);
  return base.empty() ? name : std::string(base) + "." + name;
}

Value default_value(const FieldSpec& spec) {
  Value v;
  switch (spec.type) {
    case FieldSpec::Type::list:
      v.kind = Value::Kind::list;
      v.items = default_items(spec);
      return v;
    case FieldSpec::Type::map:
    case FieldSpec::Type::object:
      // "{}" is the only default a map can state: each field below has its own.
      if (spec.default_text != "{}") throw std::logic_error(spec.key + ": the default of a map must be {}");
      v.kind = Value::Kind::map;
      return v;
    default:
      v.kind = Value::Kind::scalar;
      v.scalar = spec.default_text;
      return v;
  }
}

double bound(FieldSpec::Type type, std::string_view text) {
  switch (type) {
    case FieldSpec::Type::duration:
      if (const auto duration = parse_duration(text)) return static_cast<double>(duration->count());
      break;
    case FieldSpec::Type::bytes:
      if (const auto bytes = parse_bytes(text)) return static_cast<double>(*bytes);
      break;
    case FieldSpec::Type::integer:
    case FieldSpec::Type::number:
      return std::stod(std::string(text));
    default:
      break;
  }
  // A mistake in a table, seen by the first test that touches it.
  throw std::logic_error("'" + std::string(text) + "' is no bound for this type of setting");
}

}  // namespace settings_detail
}  // namespace wardex
