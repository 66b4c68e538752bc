#include "route/condition.hpp"

#include <algorithm>
#include <charconv>

#include "wardex/text.hpp"

namespace wardex::route {

namespace {

constexpr std::size_t kLongestValue = 60;
constexpr std::size_t kMostListed = 5;

/// A sender's text inside an explanation: one line, short, in quotes when it has spaces.
std::string shown(std::string_view value) {
  const auto out = text::truncate(text::single_line(text::truncate_bytes(value, 4 * kLongestValue)), kLongestValue);
  return out.find(' ') == std::string::npos ? out : "'" + out + "'";
}

std::string listed(const std::vector<std::string>& words) { return text::join_some(words, ", ", kMostListed); }

/// "is not a", or "is none of a, b".
std::string is_not(const std::vector<std::string>& wanted) {
  return (wanted.size() == 1 ? "is not " : "is none of ") + listed(wanted);
}

template <class T>
bool compare(T value, Relation relation, T than) {
  switch (relation) {
    case Relation::equal:
      return !(value < than) && !(than < value);
    case Relation::at_least:
      return value >= than;
    case Relation::at_most:
      return value <= than;
    case Relation::above:
      return value > than;
    case Relation::below:
      return value < than;
  }
  return false;
}

std::string with_symbol(Relation relation, std::string_view operand) {
  if (relation == Relation::equal) return std::string(operand);
  return std::string(symbol(relation)).append(" ").append(operand);
}

class TextCondition : public Condition {
 public:
  TextCondition(Field field, std::vector<Pattern> patterns)
      : field_(std::move(field)), patterns_(std::move(patterns)) {}

  [[nodiscard]] bool holds(const Event& event) const override {
    return field_.any(event, [&](std::string_view value) { return find(value) != nullptr; });
  }
  [[nodiscard]] std::string explain(const Event& event) const override {
    std::string why;
    std::vector<std::string> seen;
    field_.any(event, [&](std::string_view value) {
      const auto* pattern = find(value);
      seen.push_back(shown(value));
      if (pattern == nullptr) return false;
      const bool is_same = !pattern->is_open() || pattern->source() == value;
      why = is_same ? "is " + seen.back() : seen.back() + " matches " + pattern->source();
      return true;
    });
    if (!why.empty()) return field_.name() + " " + why;
    if (seen.empty()) return "has no " + field_.name();
    std::vector<std::string> wanted;
    for (const auto& pattern : patterns_) wanted.push_back(pattern.source());
    const bool open = std::any_of(patterns_.begin(), patterns_.end(), [](const Pattern& p) { return p.is_open(); });
    return field_.name() + " " + listed(seen) + " " + (open ? "does not match " + listed(wanted) : is_not(wanted));
  }

  [[nodiscard]] std::optional<Anchor> anchor() const override {
    Anchor out{&field_, {}};
    for (const auto& pattern : patterns_) {
      if (pattern.only_text() == nullptr) return std::nullopt;
      out.texts.emplace_back(*pattern.only_text());
    }
    return out;
  }

 private:
  [[nodiscard]] const Pattern* find(std::string_view value) const {
    for (const auto& pattern : patterns_)
      if (pattern.matches(value)) return &pattern;
    return nullptr;
  }
  Field field_;
  std::vector<Pattern> patterns_;
};

class SeverityCondition : public Condition {
 public:
  explicit SeverityCondition(std::vector<SeverityTerm> terms) : terms_(std::move(terms)) {
    for (const auto severity : kSeverities)
      for (const auto& term : terms_)
        if (compare(severity, term.relation, term.than)) accepted_.set(static_cast<std::size_t>(severity));
  }
  [[nodiscard]] bool holds(const Event& event) const override {
    return accepted_[static_cast<std::size_t>(event.severity)];
  }
  [[nodiscard]] std::string explain(const Event& event) const override {
    const std::string name = "severity ";
    const auto value = to_string(event.severity);
    std::vector<std::string> wanted;
    for (const auto& term : terms_) {
      if (compare(event.severity, term.relation, term.than)) {
        if (term.relation == Relation::equal) return name + "is " + std::string(value);
        return name + std::string(value) + " " + with_symbol(term.relation, to_string(term.than));
      }
      wanted.push_back(with_symbol(term.relation, to_string(term.than)));
    }
    return name + std::string(value) + " " + is_not(wanted);
  }

 private:
  std::vector<SeverityTerm> terms_;
  std::bitset<kSeverities.size()> accepted_;
};

/// A word out of a closed set: kind, status.
template <class E>
class WordCondition : public Condition {
 public:
  using Read = std::optional<E> (*)(const Event&);
  WordCondition(std::string name, Read read, std::vector<E> wanted)
      : name_(std::move(name)), read_(read), wanted_(std::move(wanted)) {}
  [[nodiscard]] bool holds(const Event& event) const override {
    const auto value = read_(event);
    return value && std::find(wanted_.begin(), wanted_.end(), *value) != wanted_.end();
  }
  [[nodiscard]] std::string explain(const Event& event) const override {
    const auto value = read_(event);
    if (!value) return "has no " + name_;
    const std::string word(to_string(*value));
    if (holds(event)) return name_ + " is " + word;
    std::vector<std::string> wanted;
    for (const auto one : wanted_) wanted.emplace_back(to_string(one));
    return name_ + " " + word + " " + is_not(wanted);
  }

 private:
  std::string name_;
  Read read_;
  std::vector<E> wanted_;
};

class NumberCondition : public Condition {
 public:
  NumberCondition(std::string name, std::optional<double> Event::*member, std::vector<NumberTerm> terms)
      : name_(std::move(name)), member_(member), terms_(std::move(terms)) {}
  [[nodiscard]] bool holds(const Event& event) const override {
    const auto& value = event.*member_;
    return value && std::any_of(terms_.begin(), terms_.end(),
                                [&](const NumberTerm& term) { return compare(*value, term.relation, term.than); });
  }
  [[nodiscard]] std::string explain(const Event& event) const override {
    if (!(event.*member_)) return "has no " + name_;
    const auto value = text::join(*field_values(event, name_), ", ");
    std::vector<std::string> wanted;
    for (const auto& term : terms_) {
      const auto stated = with_symbol(term.relation, term.stated);
      if (compare(*(event.*member_), term.relation, term.than))
        return name_ + " " + (term.relation == Relation::equal ? "is " + value : value + " " + stated);
      wanted.push_back(stated);
    }
    return name_ + " " + value + " " + is_not(wanted);
  }

 private:
  std::string name_;
  std::optional<double> Event::*member_;
  std::vector<NumberTerm> terms_;
};

class AllOf : public Condition {
 public:
  explicit AllOf(std::vector<ConditionPtr> conditions) : conditions_(std::move(conditions)) {}
  [[nodiscard]] bool holds(const Event& event) const override {
    return std::all_of(conditions_.begin(), conditions_.end(), [&](const auto& one) { return one->holds(event); });
  }
  [[nodiscard]] std::string explain(const Event& event) const override {
    std::vector<std::string> held;
    for (const auto& one : conditions_) {
      if (!one->holds(event)) return one->explain(event);
      held.push_back(one->explain(event));
    }
    return text::join(held, ", ");
  }
  [[nodiscard]] std::optional<Anchor> anchor() const override {
    for (const auto& one : conditions_)
      if (auto found = one->anchor()) return found;
    return std::nullopt;
  }

 private:
  std::vector<ConditionPtr> conditions_;
};

class AnyOf : public Condition {
 public:
  explicit AnyOf(std::vector<ConditionPtr> conditions) : conditions_(std::move(conditions)) {}
  [[nodiscard]] bool holds(const Event& event) const override {
    return std::any_of(conditions_.begin(), conditions_.end(), [&](const auto& one) { return one->holds(event); });
  }
  [[nodiscard]] std::string explain(const Event& event) const override {
    std::vector<std::string> failed;
    for (const auto& one : conditions_) {
      if (one->holds(event)) return one->explain(event);
      failed.push_back(one->explain(event));
    }
    return text::join(failed, " and ");
  }

 private:
  std::vector<ConditionPtr> conditions_;
};

class NoneOf : public Condition {
 public:
  explicit NoneOf(std::vector<ConditionPtr> conditions) : conditions_(std::move(conditions)) {}
  [[nodiscard]] bool holds(const Event& event) const override {
    return std::none_of(conditions_.begin(), conditions_.end(), [&](const auto& one) { return one->holds(event); });
  }
  [[nodiscard]] std::string explain(const Event& event) const override {
    std::vector<std::string> failed;
    for (const auto& one : conditions_) {
      if (one->holds(event)) return "excluded: " + one->explain(event);
      failed.push_back(one->explain(event));
    }
    return text::join(failed, ", ");
  }

 private:
  std::vector<ConditionPtr> conditions_;
};

}  // namespace

Comparison parse_comparison(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Relation>, 5> signs{{{">=", Relation::at_least},
                                                                               {"<=", Relation::at_most},
                                                                               {">", Relation::above},
                                                                               {"<", Relation::below},
                                                                               {"=", Relation::equal}}};
  Comparison out{Relation::equal, text};
  for (const auto& [sign, relation] : signs) {
    if (!text.starts_with(sign)) continue;
    out = {relation, text.substr(sign.size())};
    break;
  }
  out.operand.remove_prefix(std::min(out.operand.find_first_not_of(' '), out.operand.size()));
  return out;
}

std::string_view symbol(Relation relation) {
  switch (relation) {
    case Relation::equal:
      return "=";
    case Relation::at_least:
      return ">=";
    case Relation::at_most:
      return "<=";
    case Relation::above:
      return ">";
    case Relation::below:
      return "<";
  }
  return "";
}

ConditionPtr text_condition(Field field, std::vector<Pattern> patterns) {
  return std::make_unique<TextCondition>(std::move(field), std::move(patterns));
}
ConditionPtr severity_condition(std::vector<SeverityTerm> terms) {
  return std::make_unique<SeverityCondition>(std::move(terms));
}
ConditionPtr kind_condition(std::vector<Kind> kinds) {
  const auto read = [](const Event& event) { return std::optional(event.kind); };
  return std::make_unique<WordCondition<Kind>>("kind", read, std::move(kinds));
}
ConditionPtr status_condition(std::vector<Status> statuses) {
  const auto read = [](const Event& event) { return event.status; };
  return std::make_unique<WordCondition<Status>>("status", read, std::move(statuses));
}
ConditionPtr number_condition(std::string name, std::optional<double> Event::*member, std::vector<NumberTerm> terms) {
  return std::make_unique<NumberCondition>(std::move(name), member, std::move(terms));
}
ConditionPtr all_of(std::vector<ConditionPtr> conditions) { return std::make_unique<AllOf>(std::move(conditions)); }
ConditionPtr any_of(std::vector<ConditionPtr> conditions) { return std::make_unique<AnyOf>(std::move(conditions)); }
ConditionPtr none_of(std::vector<ConditionPtr> conditions) { return std::make_unique<NoneOf>(std::move(conditions)); }

}  // namespace wardex::route
