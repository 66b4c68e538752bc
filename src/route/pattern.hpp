// One wanted text of a condition: exact, a glob, or a regular expression. All take time linear in the text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace wardex::route {

class Pattern {
 public:
  struct Options {
    bool ignore_case = false;
    bool subtechniques = false;  ///< T1078 also stands for T1078.004
  };
  /// "lab" exact, "T10*" or "web-0?" a glob, "/^web-\d+$/i" a regular expression (RE2, unanchored), "=a*b" exact again.
  /// nullopt and `why` when the expression is wrong or too long.
  static std::optional<Pattern> parse(std::string_view text, Options options, std::string& why);

  [[nodiscard]] bool matches(std::string_view value) const;
  /// As the user wrote it.
  [[nodiscard]] const std::string& source() const { return source_; }
  /// False when only one text can match, so that an explanation says "is" and not "matches".
  [[nodiscard]] bool is_open() const { return form_ != Form::exact || options_.subtechniques; }
  /// The one text that matches, or null when there are others.
  [[nodiscard]] const std::string* only_text() const { return is_open() || options_.ignore_case ? nullptr : &text_; }

 private:
  enum class Form { exact, prefix, expression };
  Form form_ = Form::exact;
  Options options_;
  std::string source_;
  std::string text_;
  std::shared_ptr<const re2::RE2> expression_;  // copies of a Pattern share it: an RE2 is immutable and thread-safe
};

}  // namespace wardex::route
