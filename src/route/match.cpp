#include "route/match.hpp"

#include <charconv>
#include <cmath>

#include "config/tree.hpp"
#include "wardex/text.hpp"

namespace wardex::route {

namespace {

constexpr std::size_t kDeepest = 16;

using settings_detail::join_path;

std::string quoted(std::string_view text) {
  return "'" + text::truncate(text::single_line(text::truncate_bytes(text, 256)), 64) + "'";
}

class Parser {
 public:
  explicit Parser(Problems& problems) : problems_(problems) {}

  /// nullptr after a problem, and for a map without conditions.
  ConditionPtr map(const Value& value, const std::string& path, std::size_t depth) {
    if (depth > kDeepest) return fail(value, path, "is nested deeper than " + std::to_string(kDeepest) + " levels");
    if (value.kind == Value::Kind::null) return nullptr;
    if (value.kind != Value::Kind::map)
      return fail(value, path,
                  "must be a map of conditions like {severity: \">=high\"}, not " + std::string(value.kind_name()));
    std::vector<ConditionPtr> all;
    for (const auto& entry : value.entries)
      if (auto one = this->entry(entry, join_path(path, entry.key), depth)) all.push_back(std::move(one));
    if (all.empty()) return nullptr;
    return all.size() == 1 ? std::move(all.front()) : all_of(std::move(all));
  }

  [[nodiscard]] bool good() const { return good_; }

 private:
  ConditionPtr fail(const Value& value, const std::string& path, std::string message) {
    problems_.error(value.at, path, std::move(message));
    good_ = false;
    return nullptr;
  }

  ConditionPtr entry(const Value::Entry& entry, const std::string& path, std::size_t depth) {
    const auto& key = entry.key;
    if (key == "and" || key == "or" || key == "not") return combine(entry, path, depth);
    if (key == "labels" && entry.value.kind == Value::Kind::map) return labels(entry.value, path);
    if (!field_is_known(entry, path)) return nullptr;
    if (key == "severity") return severities(entry.value, path);
    if (key == "kind") return kind_condition(words(entry.value, path, kKinds));
    if (key == "status") return status_condition(words(entry.value, path, kStatuses));
    if (key == "score") return numbers(entry.value, path, key, &Event::score);
    if (key == "confidence") return numbers(entry.value, path, key, &Event::confidence);
    return texts(key, entry.value, path);
  }

  bool field_is_known(const Value::Entry& entry, const std::string& path) {
    if (Field::find(entry.key)) return true;
    auto known = field_names();
    known.insert(known.end(), {"endpoint", "labels.", "and", "or", "not"});
    Value at_key;
    at_key.at = entry.at;
    fail(at_key, path, "unknown field " + quoted(entry.key) + config::suggestion(entry.key, known));
    return false;
  }

  ConditionPtr combine(const Value::Entry& entry, const std::string& path, std::size_t depth) {
    std::vector<ConditionPtr> parts;
    const auto add = [&](const Value& part, const std::string& part_path) {
      const auto before = problems_.all().size();
      auto one = map(part, part_path, depth + 1);
      if (one)
        parts.push_back(std::move(one));
      else if (problems_.all().size() == before)
        fail(part, part_path, "has no condition; remove it or fill it in");
    };
    if (entry.value.kind == Value::Kind::list) {
      if (entry.value.items.empty())
        return fail(entry.value, path, "is an empty list; give at least one map of conditions");
      for (std::size_t i = 0; i < entry.value.items.size(); ++i)
        add(entry.value.items[i], path + "[" + std::to_string(i) + "]");
    } else {
      add(entry.value, path);
    }
    if (entry.key == "and") return all_of(std::move(parts));
    if (entry.key == "not") return none_of(std::move(parts));
    return any_of(std::move(parts));
  }

  ConditionPtr labels(const Value& value, const std::string& path) {
    std::vector<ConditionPtr> all;
    for (const auto& entry : value.entries) {
      const auto name = "labels." + entry.key;
      if (Field::find(name))
        all.push_back(texts(name, entry.value, join_path(path, entry.key)));
      else
        fail(entry.value, path, "a label needs a name");
    }
    if (all.empty()) return fail(value, path, "names no label");
    return all_of(std::move(all));
  }

  /// Calls `take(scalar, path)` for the one value or each of the list.
  template <class Take>
  void each(const Value& value, const std::string& path, Take&& take) {
    const auto scalar = [&](const Value& one, const std::string& one_path) {
      if (one.is_reference)
        fail(one, one_path, "conditions are written out; references are for secrets");
      else if (one.kind != Value::Kind::scalar)
        fail(one, one_path,
             "must be a value or a list of values, not " + std::string(one.kind_name()) +
                 (one.kind == Value::Kind::null ? "; \"*\" stands for any" : ""));
      else
        take(one, one_path);
    };
    if (value.kind != Value::Kind::list) return scalar(value, path);
    if (value.items.empty()) fail(value, path, "is an empty list, which nothing matches");
    for (std::size_t i = 0; i < value.items.size(); ++i) scalar(value.items[i], path + "[" + std::to_string(i) + "]");
  }

  template <class E, std::size_t N>
  std::optional<E> word(std::string_view text, const Value& at, const std::string& path,
                        const std::array<E, N>& values) {
    const auto name = text::lower(text);
    std::vector<std::string> known;
    for (const E one : values) {
      if (to_string(one) == name) return one;
      known.emplace_back(to_string(one));
    }
    fail(at, path, "unknown value " + quoted(text) + config::suggestion(name, known));
    return std::nullopt;
  }

  template <class E, std::size_t N>
  std::vector<E> words(const Value& value, const std::string& path, const std::array<E, N>& values) {
    std::vector<E> out;
    each(value, path, [&](const Value& one, const std::string& one_path) {
      if (const auto found = word(one.scalar, one, one_path, values)) out.push_back(*found);
    });
    return out;
  }

  ConditionPtr severities(const Value& value, const std::string& path) {
    std::vector<SeverityTerm> terms;
    each(value, path, [&](const Value& one, const std::string& one_path) {
      const auto comparison = parse_comparison(one.scalar);
      if (const auto than = word(comparison.operand, one, one_path, kSeverities))
        terms.push_back({comparison.relation, *than});
    });
    return severity_condition(std::move(terms));
  }

  ConditionPtr numbers(const Value& value, const std::string& path, const std::string& name,
                       std::optional<double> Event::*member) {
    std::vector<NumberTerm> terms;
    each(value, path, [&](const Value& one, const std::string& one_path) {
      const auto comparison = parse_comparison(one.scalar);
      const auto text = comparison.operand;
      double than = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), than);
      if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(than))
        fail(one, one_path, quoted(one.scalar) + " is no number or comparison; write it like 0.8 or \">=0.8\"");
      else
        terms.push_back({comparison.relation, than, std::string(text)});
    });
    return number_condition(name, member, std::move(terms));
  }

  ConditionPtr texts(const std::string& name, const Value& value, const std::string& path) {
    std::vector<Pattern> patterns;
    const Pattern::Options options{.ignore_case = name == "action" || name == "mitre",
                                   .subtechniques = name == "mitre"};
    each(value, path, [&](const Value& one, const std::string& one_path) {
      std::string why;
      if (name == "mitre" && !one.scalar.empty() && one.scalar.find_first_of("Tt*?/=") != 0)
        problems_.warning(one.at, one_path,
                          quoted(one.scalar) + " is no technique id; they look like T1078 or T1078.004");
      if (one.scalar.empty())
        fail(one, one_path,
             "is empty, which nothing matches; for events without the field write not: {" + name + ": \"*\"}");
      else if (auto pattern = Pattern::parse(one.scalar, options, why))
        patterns.push_back(std::move(*pattern));
      else
        fail(one, one_path, quoted(one.scalar) + " " + why);
    });
    return text_condition(*Field::find(name), std::move(patterns));
  }

  Problems& problems_;
  bool good_ = true;
};

}  // namespace

Match parse_match(const Value& value, const std::string& path, Problems& problems) {
  Parser parser(problems);
  auto condition = parser.map(value, path, 1);
  return {parser.good(), std::move(condition)};
}

}  // namespace wardex::route
