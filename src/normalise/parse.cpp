// JSON text -> document, strictly, with the limits applied while parsing.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include "normalise/normalise.hpp"
#include "normalise/number_text.hpp"
#include "normalise/pointer.hpp"
#include "normalise/scan.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

using nlohmann::json;

/// Where in the text the n-th (from 1) opening bracket or the n-th string starts: SAX events have no offsets, and only
/// the refusal needs one.
template <class Counts>
std::size_t offset_of(std::string_view text, std::size_t n, Counts counts) {
  Scanner scanner(text);
  while (const auto mark = scanner.next())
    if (counts(mark->kind) && --n == 0) return mark->offset;
  return text.size();
}

class Builder final : public nlohmann::json_sax<json> {
 public:
  Builder(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

  bool null() override { return put(nullptr) != nullptr; }
  bool boolean(bool value) override { return put(value) != nullptr; }
  bool number_integer(number_integer_t value) override { return put(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return put(value) != nullptr; }
  bool number_float(number_float_t value, const string_t& stated) override {
    // Ids must not lose digits (18446744073709551616, 1.10): what a double would restate differently stays text.
    return (number_text(value) == stated ? put(value) : put(stated)) != nullptr;
  }
  bool string(string_t& value) override {
    ++strings_;
    return put(std::move(value)) != nullptr;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::value_t::object); }
  bool start_array(std::size_t) override { return open(json::value_t::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    ++strings_;
    keys_.back() = name;
    auto& members = open_.back()->get_ref<json::object_t&>();
    const auto [member, fresh] = members.try_emplace(std::move(name), nullptr);
    member_ = &member->second;
    if (fresh) return true;
    // Parsers disagree about which of the two counts; an attacker would choose (RFC 8259, section 4).
    const auto nth = strings_;
    return refuse(offset_of(text_, nth, [](char kind) { return kind == '"'; }), "the key " + path() + " occurs twice");
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception& exception) override {
    return refuse(position == 0 ? 0 : std::min(position - 1, text_.size()), describe(exception.what()));
  }

  ParseError error;
  json root;

 private:
  bool refuse(std::size_t offset, std::string message) {
    error = {offset, std::move(message)};
    return false;
  }
  /// Without the library's name and its line and column: the caller states the byte.
  static std::string describe(std::string_view what) {
    for (const std::string_view lead : {"column ", ": "})
      if (const auto at = what.find(lead); at != std::string_view::npos) what.remove_prefix(at + lead.size());
    return text::truncate(what, 200);
  }
  template <class T>
  json* put(T&& value) {
    json* place = &root;
    if (!open_.empty() && open_.back()->is_array()) {
      place = &open_.back()->get_ref<json::array_t&>().emplace_back();
    } else if (!open_.empty()) {
      place = member_;
    }
    *place = json(std::forward<T>(value));
    return place;
  }
  bool open(json::value_t type) {
    ++brackets_;
    if (open_.size() == max_depth_) {
      const auto nth = brackets_;
      return refuse(
          offset_of(text_, nth, [](char kind) { return kind == '{' || kind == '['; }),
          "nested deeper than " + std::to_string(max_depth_) + " levels at " + text::truncate_bytes(path(), 200));
    }
    open_.push_back(put(type));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }
  [[nodiscard]] std::string path() const {
    std::string out;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      const auto* array = open_[i]->get_ptr<const json::array_t*>();
      out += "/" + (array != nullptr ? std::to_string(array->empty() ? 0 : array->size() - 1) : escape(keys_[i]));
    }
    return out;
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::vector<json*> open_;        // addresses are stable: a container is only appended to at its open end
  std::vector<std::string> keys_;  // the current member's name, for each of open_
  json* member_ = nullptr;
  std::size_t brackets_ = 0;
  std::size_t strings_ = 0;
};

std::optional<unsigned> escape_at(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned code = 0;
  const char* begin = text.data() + at + 2;
  const auto [end, bad] = std::from_chars(begin, begin + 4, code, 16);
  if (bad != std::errc{} || end != begin + 4) return std::nullopt;
  return code;
}

/// A lone surrogate escape (a Windows file name may hold one) is no Unicode text, and the parser refuses the document.
/// Whoever may choose a file name could so keep an alert from getting through: it becomes U+FFFD, like a bad byte.
std::string repair_surrogates(std::string text) {
  for (std::size_t at = text.find('\\'); at != std::string::npos && at + 1 < text.size(); at = text.find('\\', at)) {
    const auto code = escape_at(text, at);
    if (!code || *code < 0xD800 || *code > 0xDFFF) {
      at += 2;
      continue;
    }
    const auto low = escape_at(text, at + 6);
    if (*code < 0xDC00 && low && *low >= 0xDC00 && *low <= 0xDFFF) {
      at += 12;
      continue;
    }
    text.replace(at, 6, "\\ufffd");
    at += 6;
  }
  return text;
}

}  // namespace

std::variant<json, ParseError> parse_json(std::string_view given, std::size_t max_depth) {
  std::string repaired;
  std::string_view text = given;
  if (!text::is_valid_utf8(text)) text = repaired = text::valid_utf8(text);
  if (text.find("\\ud") != std::string_view::npos || text.find("\\uD") != std::string_view::npos)
    text = repaired = repair_surrogates(std::string(text));
  if (std::all_of(text.begin(), text.end(), is_json_space)) return ParseError{0, "the text is empty"};
  // A NUL byte ends the text for nlohmann's lexer, which would then not see what follows.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) return ParseError{nul, "a NUL byte is not JSON"};

  Builder builder(text, max_depth);
  if (json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root);
  return std::move(builder.error);
}

}  // namespace wardex::normalise
