// What the settings table cannot say: rules that span fields, each with the field to mend and the way out.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "webhook/settings.hpp"

namespace wardex::webhook {

/// Where the settings stand in the configuration, for messages that point at the line.
struct Place {
  const Value& root;
  std::string_view path;

  [[nodiscard]] bool given(std::initializer_list<std::string_view> keys) const;
  void error(Problems& problems, std::initializer_list<std::string_view> keys, std::string message) const;
  void warning(Problems& problems, std::initializer_list<std::string_view> keys, std::string message) const;
};

void check_url(const Settings& settings, const Place& place, Problems& problems);
void check_auth(const Settings& settings, const Place& place, Problems& problems);
void check_signing(const Settings& settings, const Place& place, Problems& problems);
void check_headers(const Settings& settings, const Place& place, Problems& problems);
void check_success_codes(const Settings& settings, const Place& place, Problems& problems);

}  // namespace wardex::webhook
