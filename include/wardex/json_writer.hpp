// Writes JSON straight into a string: for payloads made thousands of times a second, where a document in between would
// cost more than all the rest. What it writes is valid JSON as long as begin and end match; keys come in the order they
// are given.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace wardex {

class JsonWriter {
 public:
  /// Appends to `out`.
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }
  JsonWriter& key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    comma_ = false;
    return *this;
  }
  /// Escaped as JSON demands, and nothing else is; invalid UTF-8 becomes U+FFFD.
  JsonWriter& value(std::string_view text) {
    separate();
    quote(text);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  template <std::integral T>
  JsonWriter& value(T number) {
    separate();
    if constexpr (std::same_as<T, bool>)
      out_ += number ? "true" : "false";
    else if constexpr (std::signed_integral<T>)
      integer(static_cast<std::int64_t>(number));
    else
      integer(static_cast<std::uint64_t>(number));
    return *this;
  }
  JsonWriter& null() {
    separate();
    out_ += "null";
    return *this;
  }
  /// The shortest text that reads back as the same number, "1.0" for a whole one; null when it is not finite.
  JsonWriter& value(double number);

 private:
  JsonWriter& begin(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
    return *this;
  }
  JsonWriter& end(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
  }
  void separate() {
    if (comma_) out_ += ',';
    comma_ = true;
  }
  void quote(std::string_view text);
  void integer(std::int64_t number);
  void integer(std::uint64_t number);

  std::string& out_;
  bool comma_ = false;
};

}  // namespace wardex
