// The audit trail's checkpoints, and how long things are kept.
#include "config/config.hpp"

namespace wardex::config {

const SettingsTable<Checkpoints>& Checkpoints::table() {
  static const SettingsTable<Checkpoints> table{
      with_default("every", &Checkpoints::every, "1h",
                   "How often the head of the audit chain is signed, when it has grown. With `to`, this is how long a "
                   "forger's window is.")
          .between("1s", "7d"),
      optional("key", &Checkpoints::key,
               "Ed25519 private key in PEM form (`openssl genpkey -algorithm ed25519`). Without one the gateway makes "
               "`audit-signing-key.pem` in its data directory."),
      optional("to", &Checkpoints::to,
               "Ids of connectors that get each checkpoint as an event of kind telemetry. What is kept elsewhere shows "
               "that rows were cut off or the database was rolled back."),
  };
  return table;
}

const SettingsTable<Audit>& Audit::table() {
  static const SettingsTable<Audit> table{
      with_default("checkpoints", &Audit::checkpoints, "{}", "Signed statements about the head of the audit chain."),
  };
  return table;
}

const SettingsTable<KeepEvents>& KeepEvents::table() {
  static const SettingsTable<KeepEvents> table{
      with_default("keep", &KeepEvents::keep, "30d",
                   "How long events are kept once nobody needs them: what is pending or in the failure mailbox stays. "
                   "At least intake.idempotency.window.")
          .between("1m", "36500d"),
      optional("max_rows", &KeepEvents::max_rows,
               "How many events at most; the oldest go first, but none within intake.idempotency.window.")
          .between("1000", "1000000000000"),
  };
  return table;
}

const SettingsTable<KeepAudit>& KeepAudit::table() {
  static const SettingsTable<KeepAudit> table{
      with_default("keep", &KeepAudit::keep, "400d",
                   "How long audit rows are kept. `audit verify` goes on from a signed statement of what is gone.")
          .between("1m", "36500d"),
      optional("max_rows", &KeepAudit::max_rows, "How many audit rows at most; the oldest go first.")
          .between("1000", "1000000000000"),
  };
  return table;
}

const SettingsTable<KeepLinks>& KeepLinks::table() {
  static const SettingsTable<KeepLinks> table{
      with_default(
          "keep", &KeepLinks::keep, "180d",
          "How long it is remembered which ticket, message or incident a case has at a receiver, from its last "
          "delivery on. An event of the case after that opens a new one.")
          .between("1m", "36500d"),
  };
  return table;
}

const SettingsTable<KeepMailbox>& KeepMailbox::table() {
  static const SettingsTable<KeepMailbox> table{
      optional("keep", &KeepMailbox::keep,
               "How long an entry of the failure mailbox waits for somebody's decision. Older ones are discarded, "
               "counted and audited as such. Without it they wait for good.")
          .between("1m", "36500d"),
  };
  return table;
}

const SettingsTable<Retention>& Retention::table() {
  static const SettingsTable<Retention> table{
      with_default("events", &Retention::events, "{}",
                   "Events that are delivered, muted, discarded or routed nowhere."),
      with_default("audit", &Retention::audit, "{}", "The audit trail."),
      with_default("links", &Retention::links, "{}", "What connectors know of cases at their receivers."),
      with_default("mailbox", &Retention::mailbox, "{}", "The failure mailbox."),
  };
  return table;
}

}  // namespace wardex::config
