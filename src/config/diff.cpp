// What a reload changes, for the audit trail and the log. Values are shown only where the table says that they are no
// secret; what no table knows is never shown.
#include <algorithm>

#include "config/read.hpp"
#include "wardex/text.hpp"

namespace wardex::config {

namespace {

constexpr std::size_t kLongestValue = 80;
constexpr std::size_t kMostItems = 10;

const FieldSpec* find_spec(const std::vector<FieldSpec>& specs, std::string_view key) {
  for (const auto& spec : specs)
    if (spec.key == key) return &spec;
  return nullptr;
}

bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.scalar != b.scalar || a.items.size() != b.items.size() ||
      a.entries.size() != b.entries.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!same(a.items[i], b.items[i])) return false;
  for (const auto& entry : a.entries) {
    const auto* other = b.find(entry.key);
    if (other == nullptr || !same(entry.value, *other)) return false;
  }
  return true;
}

/// A URL's path or query may be a credential even where it is not declared as one.
bool may_be_shown(const FieldSpec* spec) {
  using Type = FieldSpec::Type;
  return spec != nullptr && !spec->secret && spec->type != Type::url && spec->type != Type::any;
}

std::string shown(const Value& value) {
  if (value.kind == Value::Kind::null) return "nothing";
  return text::truncate(text::single_line(value.scalar), kLongestValue);
}

std::vector<std::string> scalars(const Value& value) {
  std::vector<std::string> out;
  if (value.kind == Value::Kind::scalar) out.push_back(shown(value));
  for (const auto& item : value.items) out.push_back(shown(item));
  return out;
}

bool is_plain_list(const Value& value) {
  return value.kind == Value::Kind::list && std::all_of(value.items.begin(), value.items.end(), [](const Value& item) {
           return item.kind == Value::Kind::scalar;
         });
}

std::vector<std::string> missing_from(const std::vector<std::string>& all, const std::vector<std::string>& from) {
  std::vector<std::string> out;
  for (const auto& word : all)
    if (std::find(from.begin(), from.end(), word) == from.end()) out.push_back(word);
  return out;
}

class Differ {
 public:
  explicit Differ(std::vector<std::string>& out) : out_(out) {}

  /// `specs` are of the keys of both maps; `elements` is the spec of every value when the keys are free.
  void maps(const Value& before, const Value& after, const std::string& path, const std::vector<FieldSpec>& specs,
            const FieldSpec* elements = nullptr) {
    for (const auto& entry : before.entries)
      if (after.find(entry.key) == nullptr) out_.push_back(settings_detail::join_path(path, entry.key) + ": removed");
    for (const auto& entry : after.entries) {
      const auto* old = before.find(entry.key);
      const auto* spec = elements != nullptr ? elements : find_spec(specs, entry.key);
      values(old != nullptr ? *old : Value{}, entry.value, settings_detail::join_path(path, entry.key), spec);
    }
  }

 private:
  void values(const Value& before, const Value& after, const std::string& path, const FieldSpec* spec) {
    if (same(before, after)) return;
    if (spec != nullptr && spec->type == FieldSpec::Type::object &&
        (before.kind == Value::Kind::map || before.kind == Value::Kind::null) && after.kind == Value::Kind::map)
      return maps(before, after, path, spec->children);
    if (spec != nullptr && spec->type == FieldSpec::Type::map && after.kind == Value::Kind::map)
      return maps(before, after, path, {}, &spec->children.front());
    const auto* element = spec != nullptr && spec->type == FieldSpec::Type::list ? &spec->children.front() : nullptr;
    if (element != nullptr && may_be_shown(element) && (is_plain_list(after) || after.kind == Value::Kind::scalar))
      return lists(before, after, path);
    if (!may_be_shown(spec) || after.kind != Value::Kind::scalar) {
      out_.push_back(path + (before.kind == Value::Kind::null ? ": set" : ": changed"));
      return;
    }
    if (before.kind == Value::Kind::null && !spec->default_text.empty())
      out_.push_back(path + ": " + spec->default_text + " (default) -> " + shown(after));
    else
      out_.push_back(path + ": " + (before.kind == Value::Kind::scalar ? shown(before) : "nothing") + " -> " +
                     shown(after));
  }

  void lists(const Value& before, const Value& after, const std::string& path) {
    const auto added = missing_from(scalars(after), scalars(before));
    const auto removed = missing_from(scalars(before), scalars(after));
    std::string what;
    if (!added.empty()) what = "added " + text::join_some(added, ", ", kMostItems);
    if (!removed.empty())
      what += (what.empty() ? "" : "; ") + ("removed " + text::join_some(removed, ", ", kMostItems));
    out_.push_back(path + ": " + (what.empty() ? "another order" : what));
  }

  std::vector<std::string>& out_;
};

std::string type_of(const Value& connector) {
  const auto* type = connector.find("type");
  return type != nullptr ? shown(*type) : "?";
}

void diff_connectors(const Config& before, const Config& after, std::vector<std::string>& out) {
  Differ differ(out);
  for (const auto& old : before.connectors)
    if (after.find(old.id) == nullptr) out.push_back("connectors." + old.id + ": removed");
  for (const auto& connector : after.connectors) {
    const auto path = "connectors." + connector.id;
    const auto* old = before.find(connector.id);
    const auto& node = nearest_node(after.root, {"connectors", connector.id});
    if (old == nullptr) {
      out.push_back(path + ": added (" + type_of(node) + ")");
      continue;
    }
    auto specs = common_specs();
    specs.insert(specs.end(), connector.manifest->settings.begin(), connector.manifest->settings.end());
    const auto count = out.size();
    differ.maps(nearest_node(before.root, {"connectors", connector.id}), node, path, specs);
    if (out.size() == count && old->fingerprint != connector.fingerprint)
      out.push_back(path + ": a secret or certificate file it refers to has changed");
  }
}

void diff_tokens(const std::vector<NamedToken>& before, const std::vector<NamedToken>& after, const std::string& path,
                 std::vector<std::string>& out) {
  const auto find = [](const std::vector<NamedToken>& all, const std::string& name) -> const NamedToken* {
    for (const auto& token : all)
      if (token.name == name) return &token;
    return nullptr;
  };
  for (const auto& token : before)
    if (find(after, token.name) == nullptr) out.push_back(path + ": '" + token.name + "' removed");
  for (const auto& token : after) {
    const auto* old = find(before, token.name);
    if (old == nullptr)
      out.push_back(path + ": '" + token.name + "' added");
    else if (!old->token.equals(token.token.reveal()))
      out.push_back(path + ": the token of '" + token.name + "' has changed");
  }
}

bool same_hmac(const std::vector<HmacSender>& a, const std::vector<HmacSender>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const HmacSender& x, const HmacSender& y) {
    return x.name == y.name && std::equal(x.secrets.begin(), x.secrets.end(), y.secrets.begin(), y.secrets.end(),
                                          [](const Secret& s, const Secret& t) { return s.equals(t.reveal()); });
  });
}

/// intake.auth, api.tokens and the audit key are compared as what they mean, because a secret may change behind its
/// reference.
void diff_access(const Config& before, const Config& after, std::vector<std::string>& out) {
  if (before.intake.auth.none != after.intake.auth.none)
    out.push_back(after.intake.auth.none ? "intake.auth: none (anybody on this machine may send)"
                                         : "intake.auth: no longer none");
  diff_tokens(before.intake.auth.tokens, after.intake.auth.tokens, "intake.auth.tokens", out);
  if (!same_hmac(before.intake.auth.hmac, after.intake.auth.hmac)) out.emplace_back("intake.auth.hmac: changed");
  const auto subject_of = [](const MtlsSender& a, const MtlsSender& b) {
    return a.name == b.name && a.subject == b.subject;
  };
  const auto& old = before.intake.auth.mtls;
  const auto& now = after.intake.auth.mtls;
  if (!std::equal(old.begin(), old.end(), now.begin(), now.end(), subject_of))
    out.emplace_back("intake.auth.mtls: changed");
  diff_tokens(before.api.tokens, after.api.tokens, "api.tokens", out);
  if (!before.audit.checkpoints.key.equals(after.audit.checkpoints.key.reveal()))
    out.emplace_back("audit.checkpoints.key: another key signs from now on");
}

Value without(Value map, std::string_view key) {
  std::erase_if(map.entries, [&](const Value::Entry& entry) { return entry.key == key; });
  return map;
}

/// A section that is absent equals an empty one.
const Value& section(const Value& root, std::string_view key) {
  static const Value none;
  const auto* found = root.find(key);
  return found != nullptr ? *found : none;
}

}  // namespace

std::vector<std::string> diff(const Config& before, const Config& after) {
  std::vector<std::string> out;
  Differ differ(out);
  for (const auto& spec : root_specs()) {
    const auto& old = section(before.root, spec.key);
    const auto& now = section(after.root, spec.key);
    if (spec.key == "connectors")
      diff_connectors(before, after, out);
    else if (spec.key == "api" || spec.key == "intake")
      differ.maps(without(old, spec.key == "api" ? "tokens" : "auth"),
                  without(now, spec.key == "api" ? "tokens" : "auth"), spec.key, spec.children);
    else if (spec.key == "matrix") {
      FieldSpec ids;
      Codec<std::vector<std::string>>::describe(ids);
      differ.maps(old, now, spec.key, {}, &ids);
    } else if (spec.key == "routes") {
      if (!same(old, now)) out.emplace_back("routes: changed");
    } else if (spec.key == "mute_windows") {
      differ.maps(old, now, spec.key, {}, &spec.children.front());
    } else {
      differ.maps(old, now, spec.key, spec.children);
    }
  }
  diff_access(before, after, out);
  return out;
}

}  // namespace wardex::config
