#include "config/codecs.hpp"
#include "config/config.hpp"

namespace wardex::config {

const SettingsTable<MuteWindow>& MuteWindow::table() {
  static const SettingsTable<MuteWindow> table{
      with_default("time_zone", &MuteWindow::time_zone, "UTC",
                   "IANA name, like `Europe/Berlin`; summer time is observed."),
      optional("days", &MuteWindow::days,
               "Days on which it begins: `mon`, `sat-sun`, or a list. Every day by default."),
      optional("from", &MuteWindow::from, "Local time at which it begins, like `22:00`."),
      optional("to", &MuteWindow::to,
               "Local time at which it ends, like `06:00`: the next day if before `from`. `24:00` is allowed."),
      optional("starts", &MuteWindow::starts, "Nothing is muted before this instant (RFC 3339)."),
      optional("ends", &MuteWindow::ends, "Nothing is muted from this instant on (RFC 3339)."),
  };
  return table;
}

const SettingsTable<Route>& Route::table() {
  static const SettingsTable<Route> table{
      optional("name", &Route::name, "Shown in explanations and in the audit."),
      optional("match", &Route::match, "Conditions, all of which must hold. Absent or empty: every event."),
      optional("to", &Route::to, "Ids of the connectors that get the event."),
      with_default("continue", &Route::continue_, "false",
                   "true: later routes are looked at as well. By default the first route that matches is the last."),
      with_default(
          "stop", &Route::stop, "false",
          "true: this route alone decides, the matrix is not consulted. With an empty `to` the event goes nowhere."),
      optional("mute", &Route::mute, "Names of windows during which this route's deliveries are recorded as muted."),
  };
  return table;
}

}  // namespace wardex::config
