// Conversions of what an analyst looks for: techniques and observables.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "normalise/convert.hpp"
#include "normalise/limits.hpp"
#include "normalise/vocabulary.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

template <class Test>
bool all(std::string_view text, Test test) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [&](char c) { return test(static_cast<unsigned char>(c)); });
}
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_hex(unsigned char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

void add_unique(std::vector<std::string>& list, std::string item) {
  if (list.size() < kMaxListItems && std::find(list.begin(), list.end(), item) == list.end())
    list.push_back(std::move(item));
}

/// "T1059", "T1059.001" at the start of the word: ATT&CK technique ids, in whatever case.
std::optional<std::string> technique_id(std::string_view word) {
  const std::string upper = text::upper(word);
  const std::string_view id(upper);
  if (id.size() < 5 || id[0] != 'T' || !all(id.substr(1, 4), is_digit)) return std::nullopt;
  std::size_t size = 5;
  if (id.size() >= 9 && id[5] == '.' && all(id.substr(6, 3), is_digit)) size = 9;
  if (id.size() > size && (std::isalnum(static_cast<unsigned char>(id[size])) != 0 || id[size] == '.'))
    return std::nullopt;
  return std::string(id.substr(0, size));
}

/// "T1204, T1059", "T1059 - Command and Scripting Interpreter", "Execution".
void add_techniques(std::string_view stated, Draft& draft) {
  while (!stated.empty()) {
    const auto end = std::min(stated.find_first_of(",;|"), stated.size());
    auto part = stated.substr(0, end);
    stated.remove_prefix(std::min(end + 1, stated.size()));
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (part.empty()) continue;
    if (auto id = technique_id(part))
      add_unique(draft.event.mitre, std::move(*id));
    else
      add_unique(draft.techniques_unknown, std::string(part));
  }
}

/// {"tactic","technique_id","technique_name"}: Wardex's own form, and its neighbours'.
void add_technique_object(const Node& object, Draft& draft) {
  for (const char* key : {"technique_id", "id", "technique", "external_id"}) {
    const auto* member = object.find(key);
    if (member == nullptr || !member->is_text()) continue;
    add_techniques(member->text(), draft);
    break;
  }
  for (const char* key : {"tactic", "tactics"})
    if (const auto* member = object.find(key)) tactic(*member, draft);
}

bool is_domain(std::string_view text) {
  return text.size() <= 253 && text.find('.') != std::string_view::npos && text.front() != '.' &&
         all(text,
             [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c >= 0x80; });
}
bool is_url(std::string_view text) {
  const auto scheme = text.find("://");
  return scheme != std::string_view::npos && scheme > 1 && scheme < 12 && text.size() <= kMaxUrlBytes &&
         all(text, [](unsigned char c) { return c > 0x20 && c != 0x7F; });
}
bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.size() <= 320 &&
         text.find('@', at + 1) == std::string_view::npos && is_domain(text.substr(at + 1)) &&
         all(text, [](unsigned char c) { return c > 0x20 && c != 0x7F; });
}

std::optional<Observable> ip(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  // Of IPv4 inet_pton takes the one spelling only that inet_ntop would write.
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return Observable{ObservableType::ipv4, text.c_str()};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1 ||
      inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size()) == nullptr)
    return std::nullopt;
  return Observable{ObservableType::ipv6, shown.data()};
}

std::optional<Observable> digest(const std::string& text) {
  const auto as = [&](ObservableType type) {
    return all(text, is_hex) ? std::optional(Observable{type, text::lower(text)}) : std::nullopt;
  };
  switch (text.size()) {
    case 32:
      return as(ObservableType::md5);
    case 40:
      return as(ObservableType::sha1);
    case 64:
      return as(ObservableType::sha256);
    default:
      return std::nullopt;
  }
}

/// The observable if `text` really is one of that type.
std::optional<Observable> checked(ObservableType type, const std::string& text) {
  switch (type) {
    case ObservableType::ipv4:
    case ObservableType::ipv6:
      return ip(text);
    case ObservableType::md5:
    case ObservableType::sha1:
    case ObservableType::sha256:
      return digest(text);
    case ObservableType::domain:
      if (text.empty() || !is_domain(text) || ip(text)) return std::nullopt;
      return Observable{type, text::lower(text.back() == '.' ? text.substr(0, text.size() - 1) : text)};
    case ObservableType::url:
      return is_url(text) ? std::optional(Observable{type, text}) : std::nullopt;
    case ObservableType::email:
      return is_email(text) ? std::optional(Observable{type, text::lower(text)}) : std::nullopt;
  }
  return std::nullopt;
}

/// By its looks alone. A bare word with a dot is no domain here: it may as well be a file name.
std::optional<Observable> guessed(const std::string& text) {
  if (auto found = ip(text)) return found;
  if (auto found = digest(text)) return found;
  if (auto found = checked(ObservableType::url, text)) return found;
  return checked(ObservableType::email, text);
}

void add(std::optional<Observable> found, Draft& draft) {
  auto& all_found = draft.event.observables;
  if (found && all_found.size() < kMaxListItems &&
      std::find(all_found.begin(), all_found.end(), *found) == all_found.end())
    all_found.push_back(std::move(*found));
}

struct EntityWord {
  std::string_view word;
  std::optional<ObservableType> type;  ///< none: by its looks
  std::string Event::*field;           ///< the field it fills if that is still empty; may be null
};

constexpr std::array kEntityWords{
    EntityWord{"ip", ObservableType::ipv4, nullptr},
    EntityWord{"ipv4", ObservableType::ipv4, nullptr},
    EntityWord{"ipv6", ObservableType::ipv6, nullptr},
    EntityWord{"ip_address", ObservableType::ipv4, nullptr},
    EntityWord{"ipaddress", ObservableType::ipv4, nullptr},
    EntityWord{"domain", ObservableType::domain, nullptr},
    EntityWord{"fqdn", ObservableType::domain, nullptr},
    EntityWord{"url", ObservableType::url, nullptr},
    EntityWord{"uri", ObservableType::url, nullptr},
    EntityWord{"email", ObservableType::email, nullptr},
    EntityWord{"hash", ObservableType::sha256, nullptr},
    EntityWord{"file_hash", ObservableType::sha256, nullptr},
    EntityWord{"filehash", ObservableType::sha256, nullptr},
    EntityWord{"md5", ObservableType::md5, nullptr},
    EntityWord{"sha1", ObservableType::sha1, nullptr},
    EntityWord{"sha256", ObservableType::sha256, nullptr},
    EntityWord{"user", std::nullopt, &Event::user},
    EntityWord{"username", std::nullopt, &Event::user},
    EntityWord{"account", std::nullopt, &Event::user},
    EntityWord{"process", std::nullopt, &Event::process},
    EntityWord{"process_name", std::nullopt, &Event::process},
    EntityWord{"host", std::nullopt, &Event::host},
    EntityWord{"hostname", std::nullopt, &Event::host},
};

void add_entity(std::string_view type, const std::string& value, Draft& draft) {
  const auto plain = plain_word(type);
  const auto row =
      std::find_if(kEntityWords.begin(), kEntityWords.end(), [&](const auto& r) { return r.word == plain; });
  if (row == kEntityWords.end()) return;
  if (row->type) return add(checked(*row->type, value), draft);
  auto& field = draft.event.*row->field;
  if (field.empty()) field = value;
}

void add_items(const Node& items, const char* type_key, Draft& draft) {
  for (const auto& item : items.items()) {
    if (item.is_text()) {
      add(guessed(std::string(item.text())), draft);
    } else if (item.is_object()) {
      const auto* type = item.find(type_key);
      const auto* value = item.find("value");
      if (type != nullptr && value != nullptr && type->is_text() && value->is_text())
        add_entity(type->text(), std::string(value->text()), draft);
    }
  }
}

}  // namespace

Reading convert_detail::observable(const Node& value, ObservableType type, Draft& draft) {
  for_each_text(value, [&](std::string_view text) { add(checked(type, std::string(text)), draft); });
  return Reading::kept();
}

Reading address(const Node& value, Draft& draft) {
  return convert_detail::observable(value, ObservableType::ipv4, draft);
}
Reading hash(const Node& value, Draft& draft) {
  return convert_detail::observable(value, ObservableType::sha256, draft);
}

Reading entities(const Node& value, Draft& draft) {
  if (value.is_list()) add_items(value, "entity_type", draft);
  return Reading::kept();
}
Reading observables(const Node& value, Draft& draft) {
  if (value.is_list()) add_items(value, "type", draft);
  return Reading::kept();
}

Reading mitre(const Node& value, Draft& draft) {
  if (value.is_list()) {
    for (const auto& item : value.items()) {
      if (item.is_text()) add_techniques(item.text(), draft);
      if (item.is_object()) add_technique_object(item, draft);
    }
    return Reading::taken();
  }
  if (value.is_object()) {
    add_technique_object(value, draft);
    return Reading::taken();
  }
  if (!value.is_text()) return Reading::kept();
  add_techniques(value.text(), draft);
  return Reading::taken();
}

Reading tactic(const Node& value, Draft& draft) {
  for (auto& name : text_list(value)) add_unique(draft.tactics, std::move(name));
  return Reading::taken();
}

}  // namespace wardex::normalise
