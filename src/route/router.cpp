#include "route/router.hpp"

#include <algorithm>

#include "route/rule_index.hpp"

namespace wardex::route {

namespace {

/// "an alert", "a case".
std::string with_article(Kind kind) {
  const std::string name(to_string(kind));
  return (kind == Kind::alert ? "an " : "a ") + name;
}

/// Empty, or why this destination does not get this event whatever the rules say.
std::string refusal(const Destination& to, const Event& event) {
  if (!to.accepts[static_cast<std::size_t>(event.kind)])
    return "its connector takes no " + std::string(to_string(event.kind)) + " events";
  const bool is_alert = event.kind == Kind::alert || event.kind == Kind::telemetry;
  if (to.mirror == config::Mirror::cases && is_alert) return "mirror is cases and this is " + with_article(event.kind);
  if (to.mirror == config::Mirror::alerts && event.kind == Kind::case_) return "mirror is alerts and this is a case";
  // Origins of other kinds are names of credentials, which may equal a connector's id by chance.
  if (event.kind == Kind::sync && event.origin == to.id)
    return "the change came from there, and never goes back to its origin";
  return "";
}

/// What one call of decide() puts together.
class Draft {
 public:
  Draft(const Table& table, const Event& event, bool explain) : table_(table), event_(event), explain_(explain) {}

  [[nodiscard]] bool explains() const { return explain_; }
  void step(const std::string& rule, bool matched, std::string why) {
    if (explain_) decision_.steps.push_back({rule, matched, std::move(why)});
  }

  void add(const std::vector<std::size_t>& destinations, const std::string& rule, const std::string& why,
           const std::string& muted) {
    for (const auto index : destinations) {
      const auto& to = table_.destinations[index];
      if (auto reason = refusal(to, event_); !reason.empty()) {
        step(rule + " -> " + to.id, false, std::move(reason));
        continue;
      }
      Target target{to.id, why, muted, false};
      if (!muted.empty() && event_.is_resolved()) let_through(to, target);
      const auto known = std::find_if(decision_.targets.begin(), decision_.targets.end(),
                                      [&](const Target& one) { return one.connector == to.id; });
      if (known == decision_.targets.end())
        decision_.targets.push_back(std::move(target));
      else if (!known->muted.empty() && target.muted.empty())
        *known = std::move(target);  // somebody wants it awake
    }
  }

  Decision take() { return std::move(decision_); }

 private:
  /// What was opened is closed even under a mute.
  static void let_through(const Destination& to, Target& target) {
    target.closes = to.closing == Closing::linked;
    if (to.closing != Closing::anything) return;
    target.why += "; in spite of " + target.muted + ", because it may close something there";
    target.muted.clear();
  }

  const Table& table_;
  const Event& event_;
  bool explain_;
  Decision decision_;
};

class TableRouter : public Router {
 public:
  explicit TableRouter(Table table) : table_(std::move(table)), index_(table_.rules) {
    has_matrix_ = std::any_of(table_.matrix.begin(), table_.matrix.end(), [](const auto& to) { return !to.empty(); });
  }

  [[nodiscard]] Decision decide(const Event& event, WallTime now, bool explain) const override {
    Draft draft(table_, event, explain);
    const auto& rules = table_.rules;
    // Whether the matrix is consulted is known only after the routes, but it comes first in the answer.
    std::vector<std::size_t> matched;
    const Rule* stopped_by = nullptr;
    std::size_t looked_at = rules.size();
    for (const auto place : index_.candidates(event)) {
      const auto& rule = rules[place];
      if (rule.condition && !rule.condition->holds(event)) continue;
      matched.push_back(place);
      if (rule.stops) stopped_by = &rule;
      if (rule.goes_on) continue;
      looked_at = place + 1;
      break;
    }

    consult_matrix(draft, event, stopped_by);
    if (!explain) {
      for (const auto place : matched) apply(draft, rules[place], event, now);
      return draft.take();
    }
    auto next = matched.begin();
    for (std::size_t i = 0; i < looked_at; ++i) {
      if (next != matched.end() && *next == i) {
        apply(draft, rules[i], event, now);
        ++next;
      } else {
        draft.step(rules[i].label, false, rules[i].condition->explain(event));
      }
    }
    for (std::size_t i = looked_at; i < rules.size(); ++i)
      draft.step(rules[i].label, false,
                 "not looked at: " + rules[matched.back()].label + " matched and does not continue");
    return draft.take();
  }

 private:
  void consult_matrix(Draft& draft, const Event& event, const Rule* stopped_by) const {
    if (!has_matrix_) return;
    const auto& to = table_.matrix[static_cast<std::size_t>(event.severity)];
    const auto label = std::string("matrix ").append(to_string(event.severity));
    if (stopped_by != nullptr) return draft.step(label, false, "not consulted: " + stopped_by->label + " says stop");
    if (to.empty()) return draft.step(label, false, "names no connector");
    if (draft.explains()) draft.step(label, true, "severity is " + std::string(to_string(event.severity)));
    draft.add(to, label, label, "");
  }

  void apply(Draft& draft, const Rule& rule, const Event& event, WallTime now) const {
    const auto why = rule.condition ? rule.condition->explain(event) : "matches everything";
    std::string muted;
    for (const auto index : rule.windows) {
      const auto& window = table_.windows[index];
      if (!window.active(now)) continue;
      muted = window.description();
      break;
    }
    if (draft.explains()) draft.step(rule.label, true, muted.empty() ? why : why + "; muted by " + muted);
    draft.add(rule.to, rule.label, rule.label + ": " + why, muted);
  }

  Table table_;
  RuleIndex index_;
  bool has_matrix_ = false;
};

}  // namespace

std::shared_ptr<const Router> Router::compile(const config::Config& config, Problems& problems) {
  auto table = compile_table(config, problems);
  if (!table) return nullptr;
  return std::make_shared<TableRouter>(std::move(*table));
}

}  // namespace wardex::route
