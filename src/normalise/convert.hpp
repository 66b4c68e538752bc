// The conversions that rules name. A null never arrives here; an empty text counts as absent. The first row that fills
// a field wins: what a later one has to say becomes a label, so nothing is lost.
#pragma once

#include "normalise/draft.hpp"
#include "normalise/scalar.hpp"

namespace wardex::normalise {

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
Reading text(const Node& value, std::string& out);
Reading name(const Node& value, std::string& out);
Reading identifier(const Node& value, std::string& out);
Reading time(const Node& value, std::optional<Timestamp>& out, Draft& draft);
Reading number(const Node& value, std::optional<double>& out);
Reading list(const Node& value, std::vector<std::string>& out);
Reading observable(const Node& value, ObservableType type, Draft& draft);
Reading joined(const Node& value, std::string_view label, Draft& draft);
}  // namespace convert_detail

/// Prose: a JSON string, anything else is refused.
template <auto Member>
Reading text(const Node& value, Draft& draft) {
  return convert_detail::text(value, convert_detail::target<Member>(draft));
}
/// What something is called: a string, a number, an object with a `name`, or the first of several.
template <auto Member>
Reading name(const Node& value, Draft& draft) {
  return convert_detail::name(value, convert_detail::target<Member>(draft));
}
/// Same, but at most 200 bytes without control characters, else refused: it is a key from here on.
template <auto Member>
Reading identifier(const Node& value, Draft& draft) {
  return convert_detail::identifier(value, convert_detail::target<Member>(draft));
}
/// RFC 3339, or Unix time in seconds or milliseconds. An unreadable time is noted and costs nothing else.
template <auto Member>
Reading time(const Node& value, Draft& draft) {
  return convert_detail::time(value, convert_detail::target<Member>(draft), draft);
}
template <auto Member>
Reading number(const Node& value, Draft& draft) {
  return convert_detail::number(value, convert_detail::target<Member>(draft));
}
/// Scalars as texts, appended without repetition.
template <auto Member>
Reading list(const Node& value, Draft& draft) {
  return convert_detail::list(value, convert_detail::target<Member>(draft));
}
/// An address, domain, hash or URL by the field's name; kept as a label too, since which end it was would be lost.
template <ObservableType Type>
Reading observable(const Node& value, Draft& draft) {
  return convert_detail::observable(value, Type, draft);
}

Reading severity(const Node& value, Draft& draft);  ///< words; numbers ascend (5 = critical)
Reading priority(const Node& value, Draft& draft);  ///< words; numbers descend (1 = critical)
Reading status(const Node& value, Draft& draft);
Reading kind(const Node& value, Draft& draft);
Reading action(const Node& value, Draft& draft);
Reading dotted_type(const Node& value, Draft& draft);  ///< "case.updated", "alert"
Reading case_id(const Node& value, Draft& draft);      ///< a bare number gets Options::case_prefix
Reading incident_id(const Node& value, Draft& draft);  ///< "INC-" before a bare number
Reading alert_ids(const Node& value, Draft& draft);    ///< scalars, or objects with an `id`
Reading mitre(const Node& value, Draft& draft);        ///< objects, strings, a list of either, or one string
Reading tactic(const Node& value, Draft& draft);
Reading hosts(const Node& value, Draft& draft);
Reading entities(const Node& value, Draft& draft);     ///< [{"entity_type","value"}]
Reading observables(const Node& value, Draft& draft);  ///< [{"type","value"}] or bare values
Reading address(const Node& value, Draft& draft);      ///< IPv4 or IPv6 by its looks
Reading hash(const Node& value, Draft& draft);         ///< MD5, SHA-1 or SHA-256 by its length
Reading intel(const Node& value, Draft& draft);
Reading labels(const Node& value, Draft& draft);
Reading url(const Node& value, Draft& draft);   ///< http(s) only
Reading keep(const Node& value, Draft& draft);  ///< a label and nothing else, whatever later rows say

/// How many items a list has, as label `Name`: the items themselves stay in the original.
template <const char* Name>
Reading count(const Node& value, Draft& draft) {
  if (value.is_list() && !value.items().empty()) draft.event.labels[Name] = std::to_string(value.items().size());
  return Reading::kept();
}
/// A list's scalars as one label `Name`.
template <const char* Name>
Reading joined(const Node& value, Draft& draft) {
  return convert_detail::joined(value, Name, draft);
}

}  // namespace wardex::normalise
