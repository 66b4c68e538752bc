#include "route/pattern.hpp"

#include <re2/re2.h>

#include "wardex/text.hpp"

namespace wardex::route {

namespace {

constexpr std::size_t kLongest = 1024;
constexpr std::int64_t kExpressionMemory = 1024 * 1024;

std::string glob_expression(std::string_view glob) {
  std::string out = "^(?s:";
  for (const char c : glob) {
    if (c == '*')
      out += ".*";
    else if (c == '?')
      out += '.';
    else
      out += re2::RE2::QuoteMeta(re2::StringPiece(&c, 1));
  }
  return out + ")$";
}

bool has_prefix(std::string_view value, std::string_view prefix, bool ignore_case) {
  if (value.size() < prefix.size()) return false;
  const auto head = value.substr(0, prefix.size());
  return ignore_case ? text::iequals(head, prefix) : head == prefix;
}

}  // namespace

std::optional<Pattern> Pattern::parse(std::string_view text, Options options, std::string& why) {
  Pattern out;
  out.options_ = options;
  out.source_ = text;
  out.text_ = text;
  if (text.size() > kLongest) {
    why = "is longer than " + std::to_string(kLongest) + " bytes";
    return std::nullopt;
  }
  std::string expression;
  bool ignore_case = options.ignore_case;
  const bool flagged = text.ends_with("/i");
  if (text.starts_with('=')) {
    out.text_ = text.substr(1);
    out.options_.subtechniques = false;
  } else if (text.size() > (flagged ? 3U : 2U) && text.starts_with('/') && (flagged || text.ends_with('/'))) {
    expression = text.substr(1, text.size() - (flagged ? 3 : 2));
    ignore_case = ignore_case || flagged;
  } else if (const auto wild = text.find_first_of("*?"); wild != std::string_view::npos) {
    if (wild + 1 == text.size() && text.back() == '*') {
      out.form_ = Form::prefix;
      out.text_ = text.substr(0, wild);
    } else {
      expression = glob_expression(text);
    }
  }
  if (expression.empty()) return out;

  re2::RE2::Options re2;
  re2.set_log_errors(false);
  re2.set_max_mem(kExpressionMemory);
  re2.set_case_sensitive(!ignore_case);
  out.form_ = Form::expression;
  out.expression_ = std::make_shared<const re2::RE2>(expression, re2);
  if (out.expression_->ok()) return out;
  why = "is no regular expression: " + out.expression_->error();
  return std::nullopt;
}

bool Pattern::matches(std::string_view value) const {
  switch (form_) {
    case Form::exact:
      if (value.size() == text_.size()) return has_prefix(value, text_, options_.ignore_case);
      return options_.subtechniques && value.size() > text_.size() && value[text_.size()] == '.' &&
             has_prefix(value, text_, options_.ignore_case);
    case Form::prefix:
      return has_prefix(value, text_, options_.ignore_case);
    case Form::expression:
      return re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), *expression_);
  }
  return false;
}

}  // namespace wardex::route
