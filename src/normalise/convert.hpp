// The conversions that rules name. A null never arrives here; an empty text counts as absent. The first row that fills
// a field wins: what a later one has to say becomes a label, so nothing is lost.
#pragma once

#include <nlohmann/json.hpp>

#include "normalise/draft.hpp"

namespace wardex::normalise {

/// A scalar as text, numbers with all their digits; nullopt for an array, an object or null.
std::optional<std::string> scalar_text(const nlohmann::json& value);
/// A number, or a text that is one: forwarders quote numbers, and parse_json() does when digits would be lost.
std::optional<double> scalar_number(const nlohmann::json& value);
/// "a list": for messages.
std::string kind_of_value(const nlohmann::json& value);
/// The texts of a list of scalars (others are skipped) or of a lone one.
std::vector<std::string> text_list(const nlohmann::json& value);

namespace convert_detail {
template <class M>
struct OwnerOf;
template <class T, class C>
struct OwnerOf<T C::*> {
  using type = C;
};
/// The member, of the draft or of its event.
template <auto Member>
auto& target(Draft& draft) {
  if constexpr (std::is_same_v<typename OwnerOf<decltype(Member)>::type, Event>)
    return draft.event.*Member;
  else
    return draft.*Member;
}
Reading text(const nlohmann::json& value, std::string& out);
Reading name(const nlohmann::json& value, std::string& out);
Reading identifier(const nlohmann::json& value, std::string& out);
Reading time(const nlohmann::json& value, std::optional<Timestamp>& out, Draft& draft);
Reading number(const nlohmann::json& value, std::optional<double>& out);
Reading list(const nlohmann::json& value, std::vector<std::string>& out);
Reading observable(const nlohmann::json& value, ObservableType type, Draft& draft);
Reading joined(const nlohmann::json& value, std::string_view label, Draft& draft);
}  // namespace convert_detail

/// Prose: a JSON string, anything else is refused.
template <auto Member>
Reading text(const nlohmann::json& value, Draft& draft) {
  return convert_detail::text(value, convert_detail::target<Member>(draft));
}
/// What something is called: a string, a number, an object with a `name`, or the first of several.
template <auto Member>
Reading name(const nlohmann::json& value, Draft& draft) {
  return convert_detail::name(value, convert_detail::target<Member>(draft));
}
/// Same, but at most 200 bytes without control characters, else refused: it is a key from here on.
template <auto Member>
Reading identifier(const nlohmann::json& value, Draft& draft) {
  return convert_detail::identifier(value, convert_detail::target<Member>(draft));
}
/// RFC 3339, or Unix time in seconds or milliseconds. An unreadable time is noted and costs nothing else.
template <auto Member>
Reading time(const nlohmann::json& value, Draft& draft) {
  return convert_detail::time(value, convert_detail::target<Member>(draft), draft);
}
template <auto Member>
Reading number(const nlohmann::json& value, Draft& draft) {
  return convert_detail::number(value, convert_detail::target<Member>(draft));
}
/// Scalars as texts, appended without repetition.
template <auto Member>
Reading list(const nlohmann::json& value, Draft& draft) {
  return convert_detail::list(value, convert_detail::target<Member>(draft));
}
/// An address, domain, hash or URL by the field's name; kept as a label too, since which end it was would be lost.
template <ObservableType Type>
Reading observable(const nlohmann::json& value, Draft& draft) {
  return convert_detail::observable(value, Type, draft);
}

Reading severity(const nlohmann::json& value, Draft& draft);  ///< words; numbers ascend (5 = critical)
Reading priority(const nlohmann::json& value, Draft& draft);  ///< words; numbers descend (1 = critical)
Reading status(const nlohmann::json& value, Draft& draft);
Reading kind(const nlohmann::json& value, Draft& draft);
Reading action(const nlohmann::json& value, Draft& draft);
Reading dotted_type(const nlohmann::json& value, Draft& draft);  ///< "case.updated", "alert"
Reading case_id(const nlohmann::json& value, Draft& draft);      ///< a bare number gets Options::case_prefix
Reading incident_id(const nlohmann::json& value, Draft& draft);  ///< "INC-" before a bare number
Reading alert_ids(const nlohmann::json& value, Draft& draft);    ///< scalars, or objects with an `id`
Reading mitre(const nlohmann::json& value, Draft& draft);        ///< objects, strings, a list of either, or one string
Reading tactic(const nlohmann::json& value, Draft& draft);
Reading hosts(const nlohmann::json& value, Draft& draft);
Reading entities(const nlohmann::json& value, Draft& draft);     ///< [{"entity_type","value"}]
Reading observables(const nlohmann::json& value, Draft& draft);  ///< [{"type","value"}] or bare values
Reading address(const nlohmann::json& value, Draft& draft);      ///< IPv4 or IPv6 by its looks
Reading hash(const nlohmann::json& value, Draft& draft);         ///< MD5, SHA-1 or SHA-256 by its length
Reading intel(const nlohmann::json& value, Draft& draft);
Reading labels(const nlohmann::json& value, Draft& draft);
Reading url(const nlohmann::json& value, Draft& draft);   ///< http(s) only
Reading keep(const nlohmann::json& value, Draft& draft);  ///< a label and nothing else, whatever later rows say

/// How many items a list has, as label `Name`: the items themselves stay in the original.
template <const char* Name>
Reading count(const nlohmann::json& value, Draft& draft) {
  if (value.is_array() && !value.empty()) draft.event.labels[Name] = std::to_string(value.size());
  return Reading::kept();
}
/// A list's scalars as one label `Name`.
template <const char* Name>
Reading joined(const nlohmann::json& value, Draft& draft) {
  return convert_detail::joined(value, Name, draft);
}

}  // namespace wardex::normalise
